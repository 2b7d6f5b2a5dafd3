package dev.gantry.agent.volume;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies a tree with owners, modes, times, extended attributes, links between its files, and devices. Goes by
 * descriptors: symbolic links are copied, not followed, and mounts are not entered.
 */
final class TreeCopy {
    private static final long AT_MOST = 1L << 30;
    /** Each level holds two descriptors. */
    private static final int MAX_DEPTH = 256;

    private record Place(Fd directory, String name) {}

    private record FileId(long device, long inode) {}

    private final Fd top;
    /** First copies of files that have several names: paths below {@code top}. */
    private final Map<FileId, String> linked = new HashMap<>();

    private TreeCopy(Fd top) {
        this.top = top;
    }

    static boolean isEmpty(Fd directory) throws IOException {
        OpenFiles.rewind(directory);
        return Nodes.list(directory).isEmpty();
    }

    /** Both are open for reading; {@code to} also takes over the owner, mode, times and attributes of {@code from}. */
    static void copy(Fd from, Fd to) throws IOException {
        new TreeCopy(to).copyDirectory(from, to, "", 0);
    }

    private void copyDirectory(Fd from, Fd to, String path, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("directories are nested more than " + MAX_DEPTH + " deep");
        }
        for (Nodes.Entry entry : Nodes.list(from)) {
            String name = entry.name();
            copyEntry(new Place(from, name), new Place(to, name), path.isEmpty() ? name : path + "/" + name, depth);
        }
        Stat stat = Attributes.stat(from);
        Attributes.chown(to, stat.uid(), stat.gid());
        for (String attribute : Attributes.extendedNames(from)) {
            if (isCopied(attribute)) {
                Attributes.setExtended(to, attribute, Attributes.extended(from, attribute));
            }
        }
        Attributes.chmod(to, stat.permissions());
        setTimes(to, stat);
    }

    private void copyEntry(Place from, Place to, String path, int depth) throws IOException {
        Stat stat = Attributes.stat(from.directory(), from.name());
        switch (stat.type()) {
            case Stat.DIRECTORY -> {
                Nodes.makeDirectory(to.directory(), to.name(), 0700);
                int flags = OpenFiles.READ | OpenFiles.DIRECTORY;
                try (Fd source = OpenFiles.openAt(from.directory(), from.name(), flags, 0);
                        Fd copy = OpenFiles.openAt(to.directory(), to.name(), flags, 0)) {
                    copyDirectory(source, copy, path, depth + 1);
                }
            }
            case Stat.SYMBOLIC_LINK -> {
                String target = Nodes.readSymbolicLink(from.directory(), from.name());
                Nodes.makeSymbolicLink(to.directory(), to.name(), target);
                describe(from, to, stat);
            }
            default -> {
                if (!linkToEarlier(to, path, stat)) {
                    copyFile(from, to, stat);
                }
            }
        }
    }

    private boolean linkToEarlier(Place to, String path, Stat stat) throws IOException {
        if (stat.links() < 2) {
            return false;
        }
        String earlier = linked.putIfAbsent(new FileId(stat.device(), stat.inode()), path);
        if (earlier == null) {
            return false;
        }
        int slash = earlier.lastIndexOf('/');
        String parent = slash < 0 ? "" : earlier.substring(0, slash);
        try (Fd directory = OpenFiles.openPlainly(top, parent, OpenFiles.READ | OpenFiles.DIRECTORY)) {
            Nodes.makeLink(directory, earlier.substring(slash + 1), to.directory(), to.name());
        }
        return true;
    }

    private static void copyFile(Place from, Place to, Stat stat) throws IOException {
        if (stat.type() == Stat.REGULAR) {
            // Non-blocking, should a fifo have taken the file's place meanwhile.
            int read = OpenFiles.READ | OpenFiles.NON_BLOCKING;
            int write = OpenFiles.WRITE | OpenFiles.CREATE | OpenFiles.EXCLUSIVE;
            try (Fd source = OpenFiles.openAt(from.directory(), from.name(), read, 0);
                    Fd copy = OpenFiles.openAt(to.directory(), to.name(), write, 0600)) {
                while (OpenFiles.copyRange(source, copy, AT_MOST) > 0) {}
            }
        } else {
            Nodes.makeNode(to.directory(), to.name(), stat.type() | 0600, stat.major(), stat.minor());
        }
        describe(from, to, stat);
    }

    private static void describe(Place from, Place to, Stat stat) throws IOException {
        Attributes.chown(to.directory(), to.name(), stat.uid(), stat.gid());
        for (String attribute : Attributes.extendedNames(from.directory(), from.name())) {
            if (isCopied(attribute)) {
                byte[] value = Attributes.extended(from.directory(), from.name(), attribute);
                Attributes.setExtended(to.directory(), to.name(), attribute, value);
            }
        }
        if (stat.type() != Stat.SYMBOLIC_LINK) {
            Attributes.chmod(to.directory(), to.name(), stat.permissions());
        }
        Attributes.times(
                to.directory(),
                to.name(),
                stat.accessedSeconds(),
                stat.accessedNanos(),
                stat.modifiedSeconds(),
                stat.modifiedNanos());
    }

    private static void setTimes(Fd to, Stat stat) throws ErrnoException {
        Attributes.times(
                to, stat.accessedSeconds(), stat.accessedNanos(), stat.modifiedSeconds(), stat.modifiedNanos());
    }

    private static boolean isCopied(String attribute) {
        return !attribute.startsWith("trusted.overlay.");
    }
}
