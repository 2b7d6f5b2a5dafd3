package dev.gantry.agent.cdi;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.gantry.agent.cdi.CdiFile.Edits;
import dev.gantry.agent.host.HostRoot;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Finds devices by their names, {@code vendor/class=name}. The files are read anew each time: they are few, and drivers write
 * them whenever hardware changes. A file decides what runs as root on the host; one that others may write is passed over.
 */
@ApplicationScoped
public class CdiDevices {
    private static final Logger LOG = Logger.getLogger(CdiDevices.class);
    private static final int MOST_FILES = 256;
    private static final long MOST_BYTES = 4 << 20;
    private static final Pattern VERSION = Pattern.compile("v?[01]\\.[0-9]{1,3}\\.[0-9]{1,3}");
    private static final Pattern KIND =
            Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?/[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?");

    private final ObjectMapper json = JsonMapper.builder().build();
    private final ObjectMapper yaml = YAMLMapper.builder().build();
    private final List<Path> directories;

    public CdiDevices(
            HostRoot host, @ConfigProperty(name = "gantry.agent.cdi-directories") Optional<List<String>> directories) {
        this.directories = directories.orElse(List.of()).stream()
                .map(String::strip)
                .filter(directory -> !directory.isEmpty())
                .map(host::of)
                .toList();
    }

    /** @param file that has it; null when two of one directory do, of which neither counts */
    private record Found(CdiFile file, Edits edits) {}

    /**
     * What a container gets with these devices, in order: what a file has for all of its devices once, before the first.
     *
     * @throws UnknownDevices when there are some that no file has
     */
    public List<Edits> edits(List<String> names) throws UnknownDevices {
        Map<String, Found> known = new HashMap<>();
        directories.forEach(directory -> known.putAll(devicesIn(directory)));
        List<String> unknown = names.stream()
                .filter(name -> known.get(name) == null || known.get(name).file() == null)
                .toList();
        if (!unknown.isEmpty()) {
            throw new UnknownDevices(unknown);
        }
        List<Edits> edits = new ArrayList<>();
        Set<CdiFile> used = new HashSet<>();
        for (String name : names) {
            Found found = known.get(name);
            if (used.add(found.file())) {
                edits.add(found.file().containerEdits());
            }
            edits.add(found.edits());
        }
        return edits.stream().filter(Objects::nonNull).toList();
    }

    /** No file has devices of these names. */
    public static final class UnknownDevices extends Exception {
        private static final long serialVersionUID = 1;

        UnknownDevices(List<String> names) {
            super("unresolvable CDI devices " + String.join(", ", names));
        }
    }

    private Map<String, Found> devicesIn(Path directory) {
        Map<String, Found> devices = new HashMap<>();
        if (!Files.isDirectory(directory)) {
            return devices;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path path : entries.sorted().limit(MOST_FILES).toList()) {
                CdiFile file = read(path);
                if (file != null) {
                    file.devices()
                            .forEach(device -> devices.merge(
                                    file.kind() + "=" + device.name(),
                                    new Found(file, device.containerEdits()),
                                    (one, other) -> new Found(null, null)));
                }
            }
        } catch (IOException e) {
            LOG.warnf("%s cannot be read: %s", directory, e.getMessage());
        }
        return devices;
    }

    /** Null for what is no such file. */
    private CdiFile read(Path path) {
        String name = path.toString();
        boolean isYaml = name.endsWith(".yaml");
        if (!isYaml && !name.endsWith(".json")) {
            return null;
        }
        try {
            requireOurs(path);
            CdiFile file = (isYaml ? yaml : json).readValue(Files.readAllBytes(path), CdiFile.class);
            if (!isSound(file)) {
                throw new IOException("it does not follow the specification");
            }
            return file;
        } catch (IOException e) {
            LOG.warnf("devices of %s are not known: %s", path, e.getMessage());
            return null;
        }
    }

    private static void requireOurs(Path path) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
        if (!attributes.isRegularFile() || attributes.size() > MOST_BYTES) {
            throw new IOException("it is no file of at most " + MOST_BYTES + " bytes");
        }
        boolean forOthers = attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                || attributes.permissions().contains(PosixFilePermission.GROUP_WRITE);
        long owner = ((Number) Files.getAttribute(path, "unix:uid")).longValue();
        long own = ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
        if (forOthers || owner != 0 && owner != own) {
            throw new IOException("others may write it");
        }
    }

    private static boolean isSound(CdiFile file) {
        return file != null
                && matches(VERSION, file.cdiVersion())
                && matches(KIND, file.kind())
                && file.devices() != null
                && file.devices().stream().allMatch(device -> device != null && matches(NAME, device.name()))
                && Stream.concat(
                                Stream.ofNullable(file.containerEdits()),
                                file.devices().stream().map(CdiFile.Device::containerEdits))
                        .allMatch(edits -> edits == null || isSound(edits));
    }

    private static boolean isSound(Edits edits) {
        return all(edits.env(), variable -> variable.indexOf('=') > 0 && variable.indexOf('\0') < 0)
                && all(
                        edits.deviceNodes(),
                        node -> isPath(node.path()) && (node.hostPath() == null || isPath(node.hostPath())))
                && all(edits.mounts(), mount -> isPath(mount.containerPath()) && isPath(mount.hostPath()))
                && all(edits.hooks(), hook -> isPath(hook.path()) && hook.hookName() != null)
                && all(edits.additionalGids(), gid -> gid >= 0);
    }

    private static <T> boolean all(List<T> list, java.util.function.Predicate<T> sound) {
        return list == null || list.stream().allMatch(one -> one != null && sound.test(one));
    }

    private static boolean isPath(String path) {
        return path != null && path.startsWith("/") && path.indexOf('\0') < 0;
    }

    private static boolean matches(Pattern pattern, String text) {
        return text != null && pattern.matcher(text).matches();
    }
}
