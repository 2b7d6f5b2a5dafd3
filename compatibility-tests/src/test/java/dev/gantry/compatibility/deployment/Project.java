package dev.gantry.compatibility.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the project's own files say: settings, and what its images hold. */
final class Project {
    static final List<String> SERVICES =
            List.of("image-service", "container-service", "network-service", "event-service", "cluster-service");

    static final Set<String> PARTS = parts();

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Project() {}

    private static Set<String> parts() {
        Set<String> parts = new TreeSet<>(SERVICES);
        parts.add("gateway");
        parts.add("agent");
        return parts;
    }

    static Path file(String path) {
        return ROOT.resolve(path);
    }

    static String text(String path) {
        try {
            return Files.readString(file(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first group of each place where the pattern is found. */
    static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    static String version() {
        return found("^  <version>(.*)</version>", text("pom.xml")).getFirst();
    }

    /** Settings with their standard values, by key: README's table, which a test of agent-api holds to the code. */
    static Map<String, String> settings() {
        return Pattern.compile("^\\| `(gantry\\.[a-z.-]+)` \\| (?:`(.*?)`)? *\\|", Pattern.MULTILINE)
                .matcher(text("README.md"))
                .results()
                .collect(Collectors.toMap(
                        result -> result.group(1), Project::standard, (first, second) -> first, LinkedHashMap::new));
    }

    private static String standard(MatchResult result) {
        return result.group(2) == null ? "" : result.group(2);
    }

    /** The same by the names of the variables. */
    static Map<String, String> variables() {
        return settings().entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry.getKey().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), Map.Entry::getValue));
    }

    /** The ports that a part's image says it has. */
    static Set<Integer> ports(String part) {
        // Of the agent, of the gateway, of services.
        List<String> sets = found(
                "(\\{(?:\"\\d+/tcp\": \\{}(?:, )?)+})",
                found("(?s)ExposedPorts: \\(if (.*?) end\\)", text("launcher/images.sh"))
                        .getFirst());
        String set = sets.get(part.equals("agent") ? 0 : part.equals("gateway") ? 1 : 2);
        return found("(\\d+)/tcp", set).stream().map(Integer::valueOf).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The services of a compose file, what they share merged into them. */
    @SuppressWarnings("unchecked")
    static Map<String, Map<String, Object>> compose(String file) {
        Map<String, Object> document = new Yaml(new Tagged()).load(text(file));
        return (Map<String, Map<String, Object>>) document.get("services");
    }

    /** Compose's own tags say how lists of two files are joined: nothing that is looked at here. */
    private static final class Tagged extends SafeConstructor {
        Tagged() {
            super(new LoaderOptions());
            yamlMultiConstructors.put("!", yamlConstructors.get(org.yaml.snakeyaml.nodes.Tag.SEQ));
        }
    }
}
