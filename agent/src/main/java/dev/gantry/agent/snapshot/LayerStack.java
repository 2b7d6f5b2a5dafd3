package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The directories that make up a container's root filesystem, as overlayfs keeps them: what a container removed is a
 * character device 0/0 in the writable one, and a directory that hides those below has an attribute (kernel, overlayfs
 * documentation).
 *
 * @param upper what the container has written
 * @param lower the image's layers, top first
 */
public record LayerStack(Fd upper, List<Fd> lower) implements AutoCloseable {
    private static final String OPAQUE = "trusted.overlay.opaque";
    private static final String REDIRECT = "trusted.overlay.redirect";

    /** @param layers top first */
    static LayerStack open(Path upper, List<Path> layers) throws ErrnoException {
        Fd own = open(upper);
        List<Fd> lower = new ArrayList<>();
        LayerStack stack = new LayerStack(own, lower);
        try {
            for (Path layer : layers) {
                lower.add(open(layer));
            }
            return stack;
        } catch (ErrnoException e) {
            stack.close();
            throw e;
        }
    }

    private static Fd open(Path directory) throws ErrnoException {
        return OpenFiles.open(ByteStrings.of(directory), OpenFiles.PATH | OpenFiles.DIRECTORY);
    }

    /** Whether an open directory hides what layers below have in it. */
    public static boolean isOpaque(Fd directory) throws ErrnoException {
        return Attributes.extendedOf(directory, OPAQUE)
                .filter(value -> value.length == 1 && value[0] == 'y')
                .isPresent();
    }

    /** Whether what is in an open directory is that of another name in the layers below. */
    public static boolean isRedirected(Fd directory) throws ErrnoException {
        return Attributes.extendedOf(directory, REDIRECT).isPresent();
    }

    /** Whether a file that no layer of the image has is one that every container has, and still as it was made. */
    public static boolean isInitial(String path, Stat file) {
        return InitialFiles.areMade(path, file);
    }

    @Override
    public void close() {
        upper.close();
        lower.forEach(Fd::close);
    }
}
