package dev.gantry.agent.snapshot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.tar.EntryName;
import dev.gantry.tar.TarEntry;
import dev.gantry.tar.TarReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the members of a tar in a directory tree, each in a directory that the caller has found for it.
 *
 * <p>The tar is hostile, and so may be whoever else changes the tree. The last component of a name is made anew with
 * O_EXCL, after what was there is removed, so that nothing is ever written through a link or into a device; attributes that
 * steer overlayfs are dropped.
 */
public final class TarMembers implements AutoCloseable {
    private static final int BUFFER = 256 * 1024;
    /** More than any real archive has; bounds the list of directory times, and inodes. */
    private static final int MAX_ENTRIES = 5_000_000;

    /** They are kept until the end: a hundred thousand names of the longest kind would be 400 MB. */
    private static final long MAX_DIRECTORY_NAMES = 32 << 20;

    private final LayerTree tree;
    private final TarReader tar;
    private final DiskReserve reserve;
    private final Optional<Owner> owner;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment nativeBuffer = arena.allocate(BUFFER);
    private final byte[] buffer = new byte[BUFFER];
    private final List<DirectoryTime> directoryTimes = new ArrayList<>();
    private int count;
    private long size;
    private long directoryNames;

    /**
     * @param disk trusted path of a directory: what is left of the disk that it is on is kept for others
     * @param owner of everything that is made, in place of those that the tar names
     */
    public TarMembers(LayerTree tree, TarReader tar, String disk, Optional<Owner> owner) {
        this.tree = tree;
        this.tar = tar;
        this.reserve = new DiskReserve(disk);
        this.owner = owner;
    }

    public record Owner(int uid, int gid) {}

    private record DirectoryTime(String path, long seconds, int nanos) {}

    /** To be called for each member, whether it is made or not. */
    public void count() throws IOException {
        if (++count > MAX_ENTRIES) {
            throw new IOException("more than " + MAX_ENTRIES + " entries");
        }
    }

    /** Bytes of all regular files and symbolic links so far. */
    public long size() {
        return size;
    }

    /** To be called last, since every entry made in a directory changes its time. */
    public void finish() throws IOException {
        for (DirectoryTime time : directoryTimes) {
            setTime(time);
        }
    }

    /**
     * Makes one member; its content is the tar's next.
     *
     * @param link where a hard link leads, in the tree
     */
    public void add(Fd parent, EntryName name, TarEntry entry, Optional<EntryName> link) throws IOException {
        switch (entry.type()) {
            case '0' -> addFile(parent, name.base(), entry);
            case '1' -> addLink(parent, name.base(), link.orElseThrow());
            case '2' -> addSymbolicLink(parent, name.base(), entry);
            case '3' -> addNode(parent, name.base(), entry, Stat.CHARACTER_DEVICE);
            case '4' -> addNode(parent, name.base(), entry, Stat.BLOCK_DEVICE);
            case '5' -> addDirectory(parent, name, entry);
            case '6' -> addNode(parent, name.base(), entry, Stat.FIFO);
            default -> throw new IOException("unhandled tar header type " + (int) entry.type());
        }
    }

    private interface Making {
        void run() throws ErrnoException;
    }

    /** The last member of a name wins. */
    private void replace(Fd parent, String base, Making making) throws IOException {
        try {
            making.run();
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EEXIST) {
                throw e;
            }
            tree.remove(parent, base);
            making.run();
        }
    }

    private void addFile(Fd parent, String base, TarEntry entry) throws IOException {
        Fd[] made = new Fd[1];
        int flags = OpenFiles.WRITE | OpenFiles.CREATE | OpenFiles.EXCLUSIVE;
        replace(parent, base, () -> made[0] = OpenFiles.openAt(parent, base, flags, 0600));
        try (Fd file = made[0]) {
            write(file, entry);
            Attributes.chown(file, uid(entry), gid(entry));
            for (Map.Entry<String, String> attribute : entry.attributes().entrySet()) {
                setAttribute(
                        attribute.getKey(),
                        () -> Attributes.setExtended(file, attribute.getKey(), bytes(attribute.getValue())));
            }
            Attributes.chmod(file, entry.mode());
            Attributes.times(
                    file,
                    entry.modifiedSeconds(),
                    entry.modifiedNanos(),
                    entry.modifiedSeconds(),
                    entry.modifiedNanos());
        }
        size += entry.size();
    }

    private void write(Fd file, TarEntry entry) throws IOException {
        long end = 0;
        for (TarEntry.Part part : entry.parts()) {
            end = part.offset();
            for (long left = part.length(); left > 0; ) {
                int count = fill((int) Math.min(left, BUFFER));
                OpenFiles.write(file, nativeBuffer.asSlice(0, count), end);
                reserve.written(count);
                end += count;
                left -= count;
            }
        }
        if (end < entry.size()) {
            OpenFiles.truncate(file, entry.size());
        }
    }

    private int fill(int wanted) throws IOException {
        int count = 0;
        while (count < wanted) {
            count += tar.read(buffer, count, wanted - count);
        }
        MemorySegment.copy(buffer, 0, nativeBuffer, ValueLayout.JAVA_BYTE, 0, count);
        return count;
    }

    private void addLink(Fd parent, String base, EntryName target) throws IOException {
        if (target.isRoot()) {
            throw new IOException("hard link to a directory");
        }
        try (Fd targetParent = tree.existing(target.parent())) {
            replace(parent, base, () -> Nodes.makeLink(targetParent, target.base(), parent, base));
        }
    }

    private void addSymbolicLink(Fd parent, String base, TarEntry entry) throws IOException {
        if (entry.linkName().indexOf('\0') >= 0) {
            throw new IOException("invalid link in a layer");
        }
        replace(parent, base, () -> Nodes.makeSymbolicLink(parent, base, entry.linkName()));
        describe(parent, base, entry);
        setTimes(parent, base, entry);
        size += entry.linkName().length();
    }

    private void addNode(Fd parent, String base, TarEntry entry, int type) throws IOException {
        int major = (int) entry.deviceMajor();
        int minor = (int) entry.deviceMinor();
        replace(parent, base, () -> Nodes.makeNode(parent, base, type | 0600, major, minor));
        describe(parent, base, entry);
        Attributes.chmod(parent, base, entry.mode());
        setTimes(parent, base, entry);
    }

    private void addDirectory(Fd parent, EntryName name, TarEntry entry) throws IOException {
        String base = name.base();
        try {
            tree.makeDirectory(parent, base);
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.ENOTDIR) {
                throw e;
            }
            tree.remove(parent, base);
            tree.makeDirectory(parent, base);
        }
        describe(parent, base, entry);
        Attributes.chmod(parent, base, entry.mode());
        directoryNames += name.path().length();
        if (directoryNames > MAX_DIRECTORY_NAMES) {
            throw new IOException("directory names of more than " + MAX_DIRECTORY_NAMES + " bytes in all");
        }
        directoryTimes.add(new DirectoryTime(name.path(), entry.modifiedSeconds(), entry.modifiedNanos()));
    }

    /** Owner, which clears set-id bits and capabilities, then extended attributes. */
    private void describe(Fd parent, String base, TarEntry entry) throws IOException {
        Attributes.chown(parent, base, uid(entry), gid(entry));
        for (Map.Entry<String, String> attribute : entry.attributes().entrySet()) {
            setAttribute(
                    attribute.getKey(),
                    () -> Attributes.setExtended(parent, base, attribute.getKey(), bytes(attribute.getValue())));
        }
    }

    /** An attribute that the filesystem does not have, or that this kind of file cannot have, is left out, as dockerd does. */
    private static void setAttribute(String attribute, Making making) throws ErrnoException {
        if (attribute.startsWith("trusted.overlay.") || attribute.startsWith("user.overlay.")) {
            return;
        }
        try {
            making.run();
        } catch (ErrnoException e) {
            boolean unsupported = e.errno() == ErrnoException.ENOTSUP;
            boolean notOnThisKind = e.errno() == ErrnoException.EPERM && attribute.startsWith("user.");
            if (!unsupported && !notOnThisKind) {
                throw e;
            }
        }
    }

    private static void setTimes(Fd parent, String base, TarEntry entry) throws ErrnoException {
        Attributes.times(
                parent,
                base,
                entry.modifiedSeconds(),
                entry.modifiedNanos(),
                entry.modifiedSeconds(),
                entry.modifiedNanos());
    }

    private void setTime(DirectoryTime time) throws ErrnoException {
        try (Fd directory = tree.existingItself(time.path())) {
            Attributes.times(directory, time.seconds(), time.nanos(), time.seconds(), time.nanos());
        } catch (ErrnoException e) {
            boolean replaced = e.errno() == ErrnoException.ENOENT
                    || e.errno() == ErrnoException.ENOTDIR
                    || e.errno() == ErrnoException.ELOOP;
            if (!replaced) {
                throw e;
            }
        }
    }

    private static byte[] bytes(String value) {
        return value.getBytes(ISO_8859_1);
    }

    private int uid(TarEntry entry) throws IOException {
        return owner.isPresent() ? owner.get().uid() : id(entry.uid());
    }

    private int gid(TarEntry entry) throws IOException {
        return owner.isPresent() ? owner.get().gid() : id(entry.gid());
    }

    /** The kernel's ids have 32 bits, of which -1 means "leave it". */
    static int id(long id) throws IOException {
        if (id < 0 || id >= 0xffffffffL) {
            throw new IOException("user or group id out of range");
        }
        return (int) id;
    }

    @Override
    public void close() {
        arena.close();
    }
}
