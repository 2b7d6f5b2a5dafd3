package dev.gantry.agent.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.tar.TarEntry;
import dev.gantry.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Writes files of a container as dockerd does: in the order of their names, with owners, modes and device numbers, times
 * in whole seconds, capabilities, and links between files; without sockets.
 *
 * <p>Containers may change the tree meanwhile. A file is looked at and read by the same descriptor, so that nothing but
 * regular files is ever opened; what is gone, or has become something else, is left out. Links on the way to a file are
 * never followed.
 */
final class TreeArchive implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TreeArchive.class);
    private static final int BUFFER = 256 * 1024;
    /** PATH_MAX, which dockerd comes no further than either. */
    private static final int LONGEST_PATH = 4095;
    /** Bytes of names that are kept for files that have several; those beyond are written as files of their own. */
    private static final long MAX_LINK_NAMES = 4L << 20;

    private static final int MOST_NAMES = 50_000;

    private static final String CAPABILITY = "security.capability";

    private final TarWriter tar;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment nativeBuffer = arena.allocate(BUFFER);
    private final byte[] buffer = new byte[BUFFER];
    private final Map<FileId, String> linked = new HashMap<>();
    private final boolean layer;
    private long linkNames;

    /** One for reading: what cannot be read is left out, and of attributes there are capabilities only, as with dockerd. */
    TreeArchive(OutputStream out) {
        this(out, false);
    }

    private TreeArchive(OutputStream out, boolean layer) {
        this.tar = new TarWriter(out);
        this.layer = layer;
    }

    /** One to make containers of: what cannot be read is a failure, and attributes of users go along. */
    static TreeArchive ofLayer(OutputStream out) {
        return new TreeArchive(out, true);
    }

    private record FileId(long device, long inode) {}

    /** @param path of the directory, below the top; empty or ends with a slash, and so does {@code name} */
    private record Level(String path, String name, Names entries) {}

    /**
     * Writes a directory with all that is in it.
     *
     * @param top open for {@link OpenFiles#PATH}
     * @param name in the archive, ends with a slash or is empty: then the directory itself is left out
     */
    void addTree(Fd top, String name) throws IOException {
        if (!name.isEmpty()) {
            add(top, name);
        }
        Names.Budget budget = new Names.Budget(MOST_NAMES);
        Deque<Level> levels = new ArrayDeque<>();
        levels.push(new Level("", name, Names.of(top, "", budget)));
        try {
            while (!levels.isEmpty()) {
                String entry = next(levels.peek());
                if (entry == null) {
                    levels.pop().entries().close();
                } else {
                    addBelow(top, levels.peek(), entry, levels, budget);
                }
            }
        } finally {
            levels.forEach(level -> level.entries().close());
        }
    }

    private static String next(Level level) {
        try {
            return level.entries().next();
        } catch (ErrnoException e) {
            LOG.debugf("%s is not archived to its end: %s", level.name(), e.getMessage());
            return null;
        }
    }

    private void addBelow(Fd top, Level level, String entry, Deque<Level> levels, Names.Budget budget)
            throws IOException {
        String path = level.path() + entry;
        if (path.length() > LONGEST_PATH) {
            return;
        }
        try (Fd file = OpenFiles.openDirectly(top, path, OpenFiles.PATH)) {
            String name = level.name() + entry;
            if (add(file, name).isDirectory()) {
                levels.push(new Level(path + "/", name + "/", Names.of(file, "", budget)));
            }
        } catch (ErrnoException e) {
            // Gone, or a link by now, or of a filesystem that fails: the rest is worth having, as dockerd finds.
            LOG.debugf("not archived: %s", e.getMessage());
        }
    }

    /** One member, whatever it is; a directory without what is in it. */
    Stat add(Fd file, String name) throws IOException {
        Stat stat = Attributes.stat(file);
        switch (stat.type()) {
            case Stat.DIRECTORY -> tar.begin(entry('5', name.endsWith("/") ? name : name + "/", "", stat, users(file)));
            case Stat.SYMBOLIC_LINK -> addLinkOr(stat, name, '2', Nodes.readSymbolicLink(file));
            case Stat.CHARACTER_DEVICE -> addLinkOr(stat, name, '3', "");
            case Stat.BLOCK_DEVICE -> addLinkOr(stat, name, '4', "");
            case Stat.FIFO -> addLinkOr(stat, name, '6', "");
            case Stat.REGULAR -> addRegular(file, stat, name);
            default -> {}
        }
        return stat;
    }

    private void addLinkOr(Stat stat, String name, char type, String target) throws IOException {
        if (!addLink(stat, name)) {
            tar.begin(entry(type, name, target, stat, Map.of()));
        }
    }

    private boolean addLink(Stat stat, String name) throws IOException {
        if (stat.links() < 2) {
            return false;
        }
        FileId id = new FileId(stat.device(), stat.inode());
        String first = linked.get(id);
        if (first != null) {
            tar.begin(entry('1', name, first, stat, Map.of()));
            return true;
        }
        if (linkNames < MAX_LINK_NAMES) {
            linkNames += name.length();
            linked.put(id, name);
        }
        return false;
    }

    private void addRegular(Fd file, Stat stat, String name) throws IOException {
        try (Fd content = OpenFiles.reopen(file, OpenFiles.READ | OpenFiles.NON_BLOCKING)) {
            if (addLink(stat, name)) {
                return;
            }
            Map<String, String> attributes = users(file);
            Attributes.extendedOf(file, CAPABILITY)
                    .ifPresent(value -> attributes.put(CAPABILITY, new String(value, ISO_8859_1)));
            tar.begin(entry('0', name, "", stat, attributes));
            copy(content);
        }
    }

    /** Attributes that any program may set on a file of its own. */
    private Map<String, String> users(Fd file) throws ErrnoException {
        Map<String, String> attributes = new HashMap<>();
        if (layer) {
            for (String name : Attributes.extendedNamesOf(file)) {
                if (name.startsWith("user.") && !name.startsWith("user.overlay.")) {
                    Attributes.extendedOf(file, name)
                            .ifPresent(value -> attributes.put(name, new String(value, ISO_8859_1)));
                }
            }
        }
        return attributes;
    }

    /** A sign of a layer. */
    void addEmpty(String name) throws IOException {
        tar.begin(new TarEntry('0', name, "", 0600, 0, 0, 0, 0, 0, 0, 0, Map.of(), List.of()));
    }

    /** What was appended since is left out; what was cut off, or cannot be read, is zeros. */
    private void copy(Fd content) throws IOException {
        while (tar.remaining() > 0) {
            int count;
            try {
                count = OpenFiles.read(content, nativeBuffer);
            } catch (ErrnoException e) {
                if (layer) {
                    throw e;
                }
                return;
            }
            if (count == 0) {
                return;
            }
            MemorySegment.copy(nativeBuffer, ValueLayout.JAVA_BYTE, 0, buffer, 0, count);
            tar.write(buffer, 0, count);
        }
    }

    private static TarEntry entry(char type, String name, String link, Stat stat, Map<String, String> attributes) {
        boolean device = type == '3' || type == '4';
        return new TarEntry(
                type,
                name,
                link,
                stat.permissions(),
                Integer.toUnsignedLong(stat.uid()),
                Integer.toUnsignedLong(stat.gid()),
                stat.size(),
                stat.modifiedSeconds(),
                0,
                device ? stat.major() : 0,
                device ? stat.minor() : 0,
                attributes,
                List.of());
    }

    /** Ends the archive. */
    void end() throws IOException {
        tar.end();
    }

    @Override
    public void close() {
        arena.close();
    }
}
