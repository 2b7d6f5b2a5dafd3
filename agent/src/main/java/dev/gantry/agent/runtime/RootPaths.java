package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Where a path leads inside a container's root filesystem, its symbolic links followed there. */
final class RootPaths {
    /** As many as runc follows. */
    private static final int MOST_LINKS = 255;

    private RootPaths() {}

    /**
     * What does not exist stays as it is named.
     *
     * @throws AgentFailure when links lead in a circle
     */
    static String resolve(Path rootfs, String path) {
        Deque<String> rest = new ArrayDeque<>(components(path));
        String at = "/";
        int links = 0;
        try (Fd root = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            while (!rest.isEmpty()) {
                String name = rest.poll();
                String link = name.equals("..") ? null : link(root, at, name);
                if (link == null) {
                    at = CleanPath.of(at + "/" + name);
                    continue;
                }
                if (++links > MOST_LINKS) {
                    throw new AgentFailure(
                            AgentFailure.Code.BAD_REQUEST,
                            path + " in the container: too many levels of symbolic links");
                }
                at = link.startsWith("/") ? "/" : at;
                components(link).reversed().forEach(rest::push);
            }
            return at;
        } catch (ErrnoException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, path + " in the container: " + e.getMessage(), e);
        }
    }

    /** Null when it is no symbolic link, or does not exist. */
    private static String link(Fd root, String directory, String name) {
        try (Fd parent = OpenFiles.openPlainly(
                root, ByteStrings.of(directory.substring(1)), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            return ByteStrings.toText(Nodes.readSymbolicLink(parent, ByteStrings.of(name)));
        } catch (ErrnoException e) {
            return null;
        }
    }

    private static List<String> components(String path) {
        return List.of(path.split("/", -1)).stream()
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }
}
