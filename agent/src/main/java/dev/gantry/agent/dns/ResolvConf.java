package dev.gantry.agent.dns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a {@code resolv.conf} says, resolv.conf(5).
 *
 * @param servers addresses in their order
 * @param search domains; the last {@code search} or {@code domain} line counts
 * @param options each as it stands, such as {@code ndots:2}
 */
public record ResolvConf(List<String> servers, List<String> search, List<String> options) {
    /** That of this host. */
    public static final Path OF_HOST = Path.of("/etc/resolv.conf");

    private static final String NDOTS = "ndots:";

    public ResolvConf {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
        options = List.copyOf(options);
    }

    /** One that does not exist says nothing. */
    public static ResolvConf read(Path file) throws IOException {
        return Files.exists(file) ? parse(Files.readAllLines(file)) : new ResolvConf(List.of(), List.of(), List.of());
    }

    public static ResolvConf parse(List<String> lines) {
        List<String> servers = new ArrayList<>();
        List<String> search = new ArrayList<>();
        List<String> options = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            List<String> values = Arrays.asList(words).subList(1, words.length);
            switch (words[0]) {
                case "nameserver" -> values.stream().limit(1).forEach(servers::add);
                case "search", "domain" -> {
                    search.clear();
                    search.addAll(values);
                }
                case "options" -> options.addAll(values);
                default -> {}
            }
        }
        return new ResolvConf(servers, search, options);
    }

    /** Whether it is said how many dots a name needs to be asked for as it is. */
    public boolean saysDots() {
        return options.stream().anyMatch(option -> option.startsWith(NDOTS));
    }
}
