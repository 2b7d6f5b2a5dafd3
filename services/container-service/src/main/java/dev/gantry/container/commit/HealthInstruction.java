package dev.gantry.container.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.query.GoDuration;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code HEALTHCHECK} of a Dockerfile. */
final class HealthInstruction {
    private static final Map<String, String> TIMES = Map.of(
            "interval", "Interval",
            "timeout", "Timeout",
            "start-period", "StartPeriod",
            "start-interval", "StartInterval");
    private static final String RETRIES = "retries";
    private static final long MILLISECOND = 1_000_000;

    private HealthInstruction() {}

    /** The API's {@code HealthConfig}. */
    static JsonNode read(Instruction instruction) {
        List<String> words = instruction.words();
        if (words.isEmpty()) {
            throw new EngineError.BadParameter("HEALTHCHECK requires at least one argument");
        }
        String type = words.getFirst().toUpperCase(Locale.ROOT);
        String rest = instruction.rest().substring(words.getFirst().length()).strip();
        ObjectNode health = StoredJson.object();
        switch (type) {
            case "NONE" -> {
                if (!rest.isEmpty()) {
                    throw new EngineError.BadParameter("HEALTHCHECK NONE takes no arguments");
                }
                health.putArray("Test").add("NONE");
            }
            case "CMD" -> {
                command(health, rest);
                flags(instruction.flags()).forEach((name, value) -> set(health, name, value));
            }
            default ->
                throw new EngineError.BadParameter(
                        "Unknown type " + ShellWord.quoted(type) + " in HEALTHCHECK (try CMD)");
        }
        return health;
    }

    private static void command(ObjectNode health, String rest) {
        Optional<List<String>> array = Instruction.array(rest);
        if (rest.isEmpty() || array.isPresent() && array.get().isEmpty()) {
            throw new EngineError.BadParameter("Missing command after HEALTHCHECK CMD");
        }
        var test = health.putArray("Test").add(array.isPresent() ? "CMD" : "CMD-SHELL");
        array.orElse(List.of(rest)).forEach(test::add);
    }

    private static Map<String, String> flags(List<String> flags) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String flag : flags) {
            String[] parts = flag.substring(2).split("=", 2);
            if (!TIMES.containsKey(parts[0]) && !parts[0].equals(RETRIES)) {
                throw new EngineError.BadParameter("unknown flag: " + parts[0]);
            }
            if (parts.length < 2) {
                throw new EngineError.BadParameter("missing a value on flag: " + parts[0]);
            }
            if (values.put(parts[0], parts[1]) != null) {
                throw new EngineError.BadParameter("duplicate flag specified: " + parts[0]);
            }
        }
        return values;
    }

    private static void set(ObjectNode health, String flag, String value) {
        if (value.isEmpty()) {
            return;
        }
        if (flag.equals(RETRIES)) {
            retries(health, value);
            return;
        }
        long time = nanoseconds(value);
        if (time != 0 && time < MILLISECOND) {
            throw new EngineError.BadParameter("Interval " + ShellWord.quoted(flag) + " cannot be less than 1ms");
        }
        if (time != 0) {
            health.put(TIMES.get(flag), time);
        }
    }

    private static long nanoseconds(String value) {
        try {
            return GoDuration.parse(value).toNanos();
        } catch (IllegalArgumentException e) {
            throw new EngineError.BadParameter(e.getMessage());
        }
    }

    private static void retries(ObjectNode health, String value) {
        try {
            int retries = Integer.parseInt(value);
            if (retries < 0) {
                throw new EngineError.BadParameter("--retries cannot be negative (" + retries + ")");
            }
            if (retries > 0) {
                health.put("Retries", retries);
            }
        } catch (NumberFormatException e) {
            String why = value.matches("[-+]?[0-9]+") ? "value out of range" : "invalid syntax";
            throw new EngineError.BadParameter("strconv.ParseInt: parsing " + ShellWord.quoted(value) + ": " + why);
        }
    }
}
