package dev.gantry.agent.host;

import dev.gantry.agent.api.AgentFailure;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Where the host's file system is: {@code /}, or, for an agent in a container, where that container has it mounted. What
 * clients and operators call by name on the host, such as the source of a bind mount, is found through it.
 */
@ApplicationScoped
public class HostRoot {
    /** As path_resolution(7). */
    private static final int MOST_LINKS = 40;

    private final Path root;

    public HostRoot(@ConfigProperty(name = "gantry.agent.host-root") Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Whether this agent sees another file system as its own than the host's. */
    public boolean isElsewhere() {
        return root.getNameCount() > 0;
    }

    /**
     * Where {@code path} of the host is for this process. Links are followed as the host would follow them, absolute ones
     * too; what does not exist is named as it would be.
     *
     * @param path absolute
     */
    public Path of(String path) {
        if (!isElsewhere()) {
            return Path.of(path);
        }
        try {
            return root.resolve(resolved(path));
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, e.getMessage(), e);
        }
    }

    /** Without links, relative to the root. */
    private Path resolved(String path) throws IOException {
        Deque<String> ahead = new ArrayDeque<>();
        push(ahead, Path.of(path));
        Path done = Path.of("");
        int links = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.pop();
            if (name.equals("..")) {
                done = done.getParent() == null ? Path.of("") : done.getParent();
                continue;
            }
            Path next = done.resolve(name);
            if (!Files.isSymbolicLink(root.resolve(next))) {
                done = next;
                continue;
            }
            links++;
            if (links > MOST_LINKS) {
                throw new FileSystemException(path, null, "too many levels of symbolic links");
            }
            Path target = Files.readSymbolicLink(root.resolve(next));
            if (target.isAbsolute()) {
                done = Path.of("");
            }
            push(ahead, target);
        }
        return done;
    }

    /** To the front, in its order. */
    private static void push(Deque<String> ahead, Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            String name = path.getName(i).toString();
            if (!name.isEmpty() && !name.equals(".")) {
                ahead.push(name);
            }
        }
    }
}
