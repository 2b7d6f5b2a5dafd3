package dev.gantry.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The tables: figures of each endpoint, ours first, and the ratios of ours to the others. */
final class Report {
    private final List<String> names;
    private final StringBuilder times = new StringBuilder();
    private final Map<String, Map<String, Map<String, Double>>> memory = new LinkedHashMap<>();

    Report(List<String> names) {
        this.names = names;
        StringBuilder rule = new StringBuilder("|---|---|---:|");
        times.append("| | unit | ").append(names.getFirst()).append(" |");
        for (String other : names.subList(1, names.size())) {
            times.append(' ').append(other).append(" | ratio |");
            rule.append("---:|---:|");
        }
        times.append('\n').append(rule).append('\n');
    }

    /** Adds a row and returns it. */
    String add(Case one, List<Double> figures) {
        StringBuilder row = new StringBuilder("| " + one.name() + " | " + one.unit() + " |");
        double ours = figures.getFirst();
        row.append(number(ours));
        for (double theirs : figures.subList(1, figures.size())) {
            row.append(number(theirs)).append(number(ours / theirs));
        }
        times.append(row).append('\n');
        return row.toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, " %.2f |", value);
    }

    /** @param programs MiB by program, for each endpoint by name */
    void addMemory(String moment, Map<String, Map<String, Double>> programs) {
        memory.put(moment, programs);
    }

    String times() {
        return times.toString();
    }

    /** A row for each program of each endpoint, and their sums; a column for each moment. */
    String memory() {
        if (memory.isEmpty()) {
            return "";
        }
        StringBuilder table = new StringBuilder(
                "| | " + String.join(" | ", memory.keySet()) + " |\n|---|" + "---:|".repeat(memory.size()) + "\n");
        for (String name : names) {
            row(
                    table,
                    name + ", all",
                    programs -> programs.values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum(),
                    name);
            Map<String, Double> known = new TreeMap<>();
            memory.values().forEach(moment -> known.putAll(moment.get(name)));
            for (String program : known.keySet()) {
                row(table, "- " + program, programs -> programs.getOrDefault(program, 0.0), name);
            }
        }
        return table.toString();
    }

    private interface Figure {
        double of(Map<String, Double> programs);
    }

    private void row(StringBuilder table, String title, Figure figure, String name) {
        table.append("| ").append(title).append(" |");
        memory.values().forEach(moment -> table.append(number(figure.of(moment.get(name)))));
        table.append('\n');
    }
}
