package dev.gantry.container.network;

import dev.gantry.engine.container.ContainerConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The variables by which a container learns of one that it is linked to, as dockerd has made them since its first days. */
final class LinkVariables {
    /** What says nothing about the other one. */
    private static final Set<String> NOT_PASSED_ON = Set.of("HOME", "PATH");

    /** TCP before others of the same number. */
    private static final Comparator<Port> ORDER = Comparator.comparingInt(Port::number)
            .thenComparing(port -> !port.protocol().equals("tcp"));

    private LinkVariables() {}

    private record Port(int number, String protocol) {
        static Port parse(String text) {
            String[] parts = text.split("/", 2);
            return new Port(
                    Integer.parseInt(parts[0].split("-", 2)[0]),
                    parts.length < 2 ? "tcp" : parts[1].toLowerCase(Locale.ROOT));
        }

        String variable(String prefix) {
            return prefix + "_PORT_" + number + "_" + protocol.toUpperCase(Locale.ROOT);
        }

        String at(String address) {
            return protocol + "://" + address + ":" + number;
        }
    }

    /**
     * @param name of the link: {@code /container/alias}
     * @param config of the linked container
     */
    static List<String> of(String name, String address, ContainerConfig config) {
        String prefix = name.substring(name.lastIndexOf('/') + 1)
                .toUpperCase(Locale.ROOT)
                .replace('-', '_');
        List<Port> ports = config.exposedPorts() == null
                ? List.of()
                : config.exposedPorts().keySet().stream()
                        .map(Port::parse)
                        .sorted(ORDER)
                        .toList();
        List<String> all = new ArrayList<>();
        if (!ports.isEmpty()) {
            all.add(prefix + "_PORT=" + ports.getFirst().at(address));
        }
        addRuns(all, prefix, address, ports);
        for (Port port : ports) {
            String variable = port.variable(prefix);
            all.add(variable + "=" + port.at(address));
            all.add(variable + "_ADDR=" + address);
            all.add(variable + "_PORT=" + port.number());
            all.add(variable + "_PROTO=" + port.protocol());
        }
        all.add(prefix + "_NAME=" + name);
        for (String entry : config.env() == null ? List.<String>of() : config.env()) {
            int equals = entry.indexOf('=');
            if (equals >= 0 && !NOT_PASSED_ON.contains(entry.substring(0, equals))) {
                all.add(prefix + "_ENV_" + entry);
            }
        }
        return all;
    }

    /** Neighbouring numbers are told as one, too. */
    private static void addRuns(List<String> all, String prefix, String address, List<Port> ports) {
        int i = 0;
        while (i < ports.size()) {
            int last = lastOfRun(ports, i);
            if (last > i + 1) {
                Port first = ports.get(i);
                Port end = ports.get(last);
                String variable = first.variable(prefix);
                all.add(variable + "_START=" + first.at(address));
                all.add(variable + "_ADDR=" + address);
                all.add(variable + "_PROTO=" + first.protocol());
                all.add(variable + "_PORT_START=" + first.number());
                all.add(variable + "_END=" + end.at(address));
                all.add(variable + "_PORT_END=" + end.number());
            }
            i = last > i + 1 ? last + 1 : i + 1;
        }
    }

    /** As dockerd counts them: of ports with the same number the second one makes up for a gap. */
    private static int lastOfRun(List<Port> ports, int first) {
        int last = first;
        while (last + 1 < ports.size()
                && ports.get(last + 1).number() <= ports.get(first).number() + last + 1 - first) {
            last++;
        }
        return last;
    }
}
