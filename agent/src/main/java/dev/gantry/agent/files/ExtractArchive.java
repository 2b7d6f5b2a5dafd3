package dev.gantry.agent.files;

import com.github.luben.zstd.ZstdIOException;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.agent.snapshot.LayerFormat;
import dev.gantry.agent.snapshot.LayerTree;
import dev.gantry.agent.snapshot.TarMembers;
import dev.gantry.tar.EntryName;
import dev.gantry.tar.TarEntry;
import dev.gantry.tar.TarFormatException;
import dev.gantry.tar.TarReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * Unpacks an archive into a directory of a container, by dockerd's rules and in its words. Names lead nowhere outside of
 * the directory by themselves; links that the container has in it are followed inside the container, at the moment that
 * each member is made. What was made before a failure stays, as with dockerd.
 */
final class ExtractArchive {
    private final ContainerView view;
    private final String disk;
    private final boolean keepKinds;
    private final Optional<TarMembers.Owner> owner;

    /**
     * @param disk see {@link TarMembers}
     * @param keepKinds whether a directory must not take the place of something else, nor the other way round
     * @param owner of all that is made; otherwise the archive says it
     */
    ExtractArchive(ContainerView view, String disk, boolean keepKinds, Optional<TarMembers.Owner> owner) {
        this.view = view;
        this.disk = disk;
        this.keepKinds = keepKinds;
        this.owner = owner;
    }

    /** @param archive packed or not */
    void run(String path, InputStream archive) throws IOException {
        String directory = directory(FilePath.absolute(path));
        checkWritable(directory);
        try (InputStream plain = LayerFormat.decompress(archive)) {
            TarReader tar = new TarReader(plain);
            try (LayerTree tree = new LayerTree(view.root().root(), directory);
                    TarMembers members = new TarMembers(tree, tar, disk, owner)) {
                for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                    members.count();
                    add(directory, tree, members, entry);
                }
                members.finish();
            }
        } catch (ErrnoException e) {
            throw FilesFailure.of("", directory, e);
        } catch (EOFException e) {
            throw FilesFailure.refused("unexpected EOF");
        } catch (ZipException e) {
            throw FilesFailure.refused("gzip: invalid header");
        } catch (TarFormatException e) {
            throw FilesFailure.refused(e.isTruncated() ? "unexpected EOF" : "archive/tar: invalid tar header");
        } catch (ZstdIOException e) {
            throw FilesFailure.refused("unexpected EOF");
        }
    }

    /** Where the path leads, its last component too. */
    private String directory(String path) {
        try (Fd found = OpenFiles.openInRoot(view.root().root(), path, OpenFiles.PATH)) {
            if (!Attributes.stat(found).isDirectory()) {
                throw FilesFailure.refused("extraction point is not a directory");
            }
            return view.root().pathOf(found);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ELOOP) {
                throw FilesFailure.refused("EvalSymlinks: too many links");
            }
            throw FilesFailure.of("", path, e);
        }
    }

    /** The innermost mount counts. */
    private void checkWritable(String directory) {
        List<MountSpec> mounts =
                view.spec().mounts() == null ? List.of() : view.spec().mounts();
        Optional<MountSpec> mount = mounts.stream()
                .filter(view::has)
                .filter(each -> CleanPath.isWithin(directory, target(each)))
                .max(Comparator.comparingInt(each -> target(each).length()));
        if (mount.isPresent() && mount.get().readOnly()) {
            throw FilesFailure.refused("mounted volume is marked read-only");
        }
        if (mount.isEmpty() && view.spec().readOnlyRootfs()) {
            throw FilesFailure.refused("container rootfs is marked read-only");
        }
    }

    private static String target(MountSpec mount) {
        return ByteStrings.of(CleanPath.of(mount.target()));
    }

    private void add(String directory, LayerTree tree, TarMembers members, TarEntry entry) throws IOException {
        Optional<EntryName> clean = inside(entry.name());
        if (clean.isEmpty()) {
            throw FilesFailure.refused(
                    FilesFailure.quoted(clean(entry.name())) + " is outside of " + FilesFailure.quoted(directory));
        }
        EntryName name = clean.get();
        String path = CleanPath.of(directory + "/" + name.path());
        if (name.isRoot()) {
            // The directory stays as it is: archives made of a temporary one would bring its mode 0700 along.
            if (entry.type() != '5' && keepKinds) {
                throw kindRefused(path, directory, true);
            }
            return;
        }
        Optional<EntryName> link = link(directory, path, entry);
        try {
            Fd parent = tree.directory(name.parent());
            if (keepKinds) {
                checkKind(parent, name.base(), entry, path, directory);
            }
            members.add(parent, name, entry, link);
        } catch (ErrnoException e) {
            AgentFailure failure = FilesFailure.of(call(entry, e), path, e);
            // That a file cannot be made is no answer to the question whether the directory is there.
            throw failure.code() == AgentFailure.Code.NOT_FOUND
                    ? new AgentFailure(AgentFailure.Code.INTERNAL, failure.getMessage(), e)
                    : failure;
        }
    }

    private static String call(TarEntry entry, ErrnoException failure) {
        if (failure.errno() == ErrnoException.EBUSY) {
            return "unlinkat";
        }
        return switch (entry.type()) {
            case '0' -> "open";
            case '1' -> "link";
            case '2' -> "symlink";
            case '5' -> "mkdir";
            default -> "mknod";
        };
    }

    /** Without dots, but for those at the beginning that lead out of where it starts. */
    private static String clean(String name) {
        Deque<String> components = new ArrayDeque<>();
        for (String component : name.split("/", -1)) {
            boolean up = component.equals("..");
            if (up && !components.isEmpty() && !components.peekLast().equals("..")) {
                components.removeLast();
            } else if (up ? !name.startsWith("/") : !component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        return String.join("/", components);
    }

    /** Empty when the name leads out by itself. */
    private static Optional<EntryName> inside(String name) throws IOException {
        if (!CleanPath.isPossible(name)) {
            throw new IOException("invalid file name in the archive");
        }
        String clean = clean(name);
        return clean.equals("..") || clean.startsWith("../") ? Optional.empty() : Optional.of(EntryName.parse(clean));
    }

    /** Links must not say that they lead out of the directory; where they really lead, they do inside the container. */
    private static Optional<EntryName> link(String directory, String path, TarEntry entry) throws IOException {
        String says = entry.linkName();
        if (entry.type() == '1') {
            String target = directory + "/" + says;
            if (!CleanPath.isPossible(target) || !CleanPath.of(target).startsWith(directory)) {
                throw FilesFailure.refused(
                        "invalid hardlink " + FilesFailure.quoted(target) + " -> " + FilesFailure.quoted(says));
            }
            Optional<EntryName> inside = inside(says);
            if (inside.isEmpty()) {
                throw FilesFailure.refused(
                        "invalid hardlink " + FilesFailure.quoted(target) + " -> " + FilesFailure.quoted(says));
            }
            return inside;
        }
        if (entry.type() == '2') {
            String target = path.substring(0, path.lastIndexOf('/')) + "/" + says;
            if (!CleanPath.isPossible(target) || !CleanPath.of(target).startsWith(directory)) {
                throw FilesFailure.refused(
                        "invalid symlink " + FilesFailure.quoted(path) + " -> " + FilesFailure.quoted(says));
            }
        }
        return Optional.empty();
    }

    private static void checkKind(Fd parent, String base, TarEntry entry, String path, String directory)
            throws ErrnoException {
        try {
            Stat there = Attributes.stat(parent, base);
            if (there.isDirectory() != (entry.type() == '5')) {
                throw kindRefused(path, directory, there.isDirectory());
            }
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
    }

    private static AgentFailure kindRefused(String path, String directory, boolean isDirectory) {
        String there = isDirectory ? "directory " : "non-directory ";
        String with = isDirectory ? " with non-directory " : " with directory ";
        return FilesFailure.refused(
                "cannot overwrite " + there + FilesFailure.quoted(path) + with + FilesFailure.quoted(directory));
    }
}
