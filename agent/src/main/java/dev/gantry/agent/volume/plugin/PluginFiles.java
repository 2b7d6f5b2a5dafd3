package dev.gantry.agent.volume.plugin;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.host.HostRoot;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Finds plug-ins as dockerd does: {@code NAME.sock}, then {@code NAME.spec} and {@code NAME.json}, each also in a directory
 * {@code NAME} (moby's pkg/plugins/discovery.go).
 */
@ApplicationScoped
class PluginFiles {
    private static final Logger LOG = Logger.getLogger(PluginFiles.class);
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern FILE = Pattern.compile("(.+)\\.(?:sock|spec|json)");
    private static final long MOST_BYTES = 64 * 1024;
    private static final int MOST = 256;

    private final List<Path> directories;
    private final HostRoot host;
    private final ObjectMapper json;

    PluginFiles(
            @ConfigProperty(name = "gantry.agent.plugin-directories") Optional<List<String>> directories,
            HostRoot host,
            ObjectMapper json) {
        this.directories = directories.orElse(List.of()).stream()
                .map(String::strip)
                .filter(directory -> !directory.isEmpty())
                .map(host::of)
                .toList();
        this.host = host;
        this.json = json;
    }

    Optional<PluginAddress> find(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        return files(name, ".sock")
                .filter(PluginFiles::isSocket)
                .findFirst()
                .map(file -> new PluginAddress("unix://" + file, null))
                .or(() -> files(name, ".spec")
                        .filter(Files::isRegularFile)
                        .findFirst()
                        .flatMap(this::spec))
                .or(() -> files(name, ".json")
                        .filter(Files::isRegularFile)
                        .findFirst()
                        .flatMap(this::json));
    }

    private Stream<Path> files(String name, String end) {
        return directories.stream()
                .flatMap(directory -> Stream.of(
                        directory.resolve(name + end), directory.resolve(name).resolve(name + end)));
    }

    private static boolean isSocket(Path file) {
        return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
    }

    private Optional<PluginAddress> spec(Path file) {
        return read(file).map(text -> new PluginAddress(onHost(text.strip()), null));
    }

    private Optional<PluginAddress> json(Path file) {
        return read(file).flatMap(text -> {
            try {
                PluginAddress read = json.readValue(text, PluginAddress.class);
                return Optional.of(new PluginAddress(onHost(read.address()), read.tls()));
            } catch (IOException e) {
                LOG.warnf("%s is no description of a plug-in: %s", file, e.getMessage());
                return Optional.empty();
            }
        });
    }

    private String onHost(String address) {
        return address != null && address.startsWith("unix://")
                ? "unix://" + host.of(address.substring("unix://".length()))
                : address;
    }

    private static Optional<String> read(Path file) {
        try {
            return Files.size(file) > MOST_BYTES ? Optional.empty() : Optional.of(Files.readString(file));
        } catch (IOException e) {
            LOG.warnf("%s cannot be read: %s", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Of all that there seem to be, sorted. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                try (Stream<Path> entries = Files.list(directory)) {
                    entries.map(PluginFiles::name).limit(MOST).forEach(names::add);
                } catch (IOException e) {
                    LOG.warnf("%s cannot be read: %s", directory, e.getMessage());
                }
            }
        }
        names.removeIf(name -> !NAME.matcher(name).matches());
        return names;
    }

    private static String name(Path entry) {
        String name = entry.getFileName().toString();
        var file = FILE.matcher(name);
        return file.matches() ? file.group(1) : Files.isDirectory(entry) ? name : "";
    }
}
