package dev.gantry.container.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.container.state.Signals;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.json.RequestJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code docker commit --change} says, done to a configuration as dockerd's builder does it. */
final class ConfigChanges {
    private static final List<String> SHELL = List.of("/bin/sh", "-c");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,9}");

    private final ObjectNode config;
    private boolean commandSet;

    private ConfigChanges(ObjectNode config) {
        this.config = config;
    }

    /** @throws EngineError.BadParameter in dockerd's words; nothing is done then */
    static ContainerConfig apply(ContainerConfig config, List<String> changes) {
        if (changes.isEmpty()) {
            return config;
        }
        List<Instruction> instructions = Instruction.parse(String.join("\n", changes));
        instructions.forEach(ConfigChanges::requireKnown);
        ConfigChanges applied = new ConfigChanges((ObjectNode) StoredJson.tree(config));
        instructions.forEach(applied::apply);
        RequestJson.checkText(applied.config);
        return RequestJson.convert(applied.config, ContainerConfig.class);
    }

    private static void requireKnown(Instruction instruction) {
        Set<String> known = Set.of(
                "CMD",
                "ENTRYPOINT",
                "HEALTHCHECK",
                "ENV",
                "EXPOSE",
                "LABEL",
                "ONBUILD",
                "STOPSIGNAL",
                "USER",
                "VOLUME",
                "WORKDIR");
        if (!known.contains(instruction.name())) {
            throw new EngineError.BadParameter(instruction.name() + " is not a valid change command");
        }
    }

    private void apply(Instruction instruction) {
        if (!instruction.name().equals("HEALTHCHECK") && !instruction.flags().isEmpty()) {
            String flag = instruction.flags().getFirst().substring(2).split("=", 2)[0];
            throw instruction.rest().isEmpty()
                    ? one(instruction)
                    : new EngineError.BadParameter("unknown flag: " + flag);
        }
        switch (instruction.name()) {
            case "CMD" -> command(instruction);
            case "ENTRYPOINT" -> entrypoint(instruction);
            case "HEALTHCHECK" -> config.set("Healthcheck", HealthInstruction.read(instruction));
            case "ENV" -> environment(instruction);
            case "EXPOSE" -> expose(instruction);
            case "LABEL" -> label(instruction);
            case "ONBUILD" -> onBuild(instruction);
            case "STOPSIGNAL" -> config.put("StopSignal", signal(expanded(only(instruction))));
            case "USER" -> config.put("User", expanded(only(instruction)));
            case "VOLUME" -> volume(instruction);
            default -> workingDirectory(expanded(only(instruction)));
        }
    }

    private void command(Instruction instruction) {
        Optional<List<String>> array = Instruction.array(instruction.rest());
        if (array.isEmpty() && instruction.rest().isEmpty()) {
            set("Cmd", shell());
            return;
        }
        set("Cmd", array.orElseGet(() -> inShell(instruction.rest())));
        commandSet |= array.map(words -> !words.isEmpty()).orElse(true);
    }

    private void entrypoint(Instruction instruction) {
        List<String> words = Instruction.array(instruction.rest()).orElseGet(() -> inShell(instruction.rest()));
        if (words.isEmpty() || instruction.rest().isEmpty()) {
            config.putNull("Entrypoint");
        } else {
            set("Entrypoint", words);
        }
        if (!commandSet) {
            config.putNull("Cmd");
        }
    }

    private List<String> inShell(String line) {
        List<String> words = new ArrayList<>(shell());
        words.add(line);
        return words;
    }

    private List<String> shell() {
        List<String> own = strings("Shell");
        return own.isEmpty() ? SHELL : own;
    }

    private void environment(Instruction instruction) {
        List<String> before = strings("Env");
        List<String> environment = new ArrayList<>(before);
        for (Instruction.Pair pair : instruction.pairs()) {
            String name = ShellWord.expand(pair.name(), before);
            String variable = name + "=" + ShellWord.expand(pair.value(), before);
            int at = -1;
            for (int i = 0; i < environment.size() && at < 0; i++) {
                at = environment.get(i).split("=", 2)[0].equals(name) ? i : -1;
            }
            if (at < 0) {
                environment.add(variable);
            } else {
                environment.set(at, variable);
            }
        }
        set("Env", environment);
    }

    private void label(Instruction instruction) {
        ObjectNode labels = object("Labels");
        List<String> environment = strings("Env");
        instruction
                .pairs()
                .forEach(pair -> labels.put(
                        ShellWord.expand(pair.name(), environment), ShellWord.expand(pair.value(), environment)));
    }

    private void onBuild(Instruction instruction) {
        if (instruction.rest().isEmpty()) {
            throw new EngineError.BadParameter("ONBUILD requires at least one argument");
        }
        String trigger = instruction.words().getFirst().toUpperCase(Locale.ROOT);
        switch (trigger) {
            case "ONBUILD" ->
                throw new EngineError.BadParameter("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case "MAINTAINER", "FROM" ->
                throw new EngineError.BadParameter(trigger + " isn't allowed as an ONBUILD trigger");
            default -> {
                List<String> triggers = new ArrayList<>(strings("OnBuild"));
                triggers.add(
                        instruction.line().strip().substring("ONBUILD".length()).strip());
                set("OnBuild", triggers);
            }
        }
    }

    private void volume(Instruction instruction) {
        if (instruction.rest().isEmpty()) {
            throw new EngineError.BadParameter("VOLUME requires at least one argument");
        }
        for (String word : Instruction.array(instruction.rest()).orElseGet(instruction::words)) {
            String path = expanded(word).strip();
            if (path.isEmpty()) {
                throw new EngineError.BadParameter("VOLUME specified can not be an empty string");
            }
            object("Volumes").putObject(path);
        }
    }

    /** {@code [[address:]port:]port[-port][/protocol]}, of which what is about the host does not count. */
    private void expose(Instruction instruction) {
        if (instruction.rest().isEmpty()) {
            throw new EngineError.BadParameter("EXPOSE requires at least one argument");
        }
        for (String word : instruction.words()) {
            for (String port : expanded(word).strip().split("\\s+")) {
                expose(port);
            }
        }
    }

    private void expose(String text) {
        String[] parts = text.split("/", 2);
        String protocol = parts.length < 2 || parts[1].isEmpty() ? "tcp" : parts[1].toLowerCase(Locale.ROOT);
        String port = parts[0].substring(parts[0].lastIndexOf(':') + 1);
        Matcher range = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?").matcher(port);
        int first = range.matches() ? Integer.parseInt(range.group(1)) : -1;
        int last = first < 0 || range.group(2) == null ? first : Integer.parseInt(range.group(2));
        if (port.isEmpty()) {
            throw new EngineError.BadParameter("No port specified: " + text + "<empty>");
        }
        if (first < 0 || last < first || last > 65535) {
            throw new EngineError.BadParameter("Invalid containerPort: " + port);
        }
        if (!Set.of("tcp", "udp", "sctp").contains(protocol)) {
            throw new EngineError.BadParameter("Invalid proto: " + protocol);
        }
        for (int each = first; each <= last; each++) {
            object("ExposedPorts").putObject(each + "/" + protocol);
        }
    }

    private void workingDirectory(String asked) {
        if (asked.isEmpty()) {
            throw new EngineError.BadParameter("cannot normalize nothing");
        }
        String current = config.path("WorkingDir").asText("");
        config.put("WorkingDir", CleanPath.of(asked.startsWith("/") ? asked : "/" + current + "/" + asked));
    }

    /** As it was written: dockerd checks no more than that it is one. */
    private static String signal(String text) {
        if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) == 0) {
            Signals.parse(text);
        }
        return text;
    }

    private static String only(Instruction instruction) {
        if (instruction.rest().isEmpty()) {
            throw one(instruction);
        }
        return instruction.rest();
    }

    private static EngineError one(Instruction instruction) {
        return new EngineError.BadParameter(instruction.name() + " requires exactly one argument");
    }

    private String expanded(String word) {
        return ShellWord.expand(word, strings("Env"));
    }

    private List<String> strings(String field) {
        List<String> strings = new ArrayList<>();
        config.path(field).forEach((JsonNode each) -> strings.add(each.asText()));
        return strings;
    }

    private void set(String field, List<String> strings) {
        ArrayNode array = config.putArray(field);
        strings.forEach(array::add);
    }

    private ObjectNode object(String field) {
        return config.path(field) instanceof ObjectNode there ? there : config.putObject(field);
    }
}
