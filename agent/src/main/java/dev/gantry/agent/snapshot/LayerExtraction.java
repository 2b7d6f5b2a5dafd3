package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.Stat;
import dev.gantry.tar.EntryName;
import dev.gantry.tar.TarEntry;
import dev.gantry.tar.TarReader;
import java.io.IOException;
import java.util.Optional;

/**
 * Unpacks one layer's tar into a directory, in the form that overlayfs stacks.
 *
 * <p>The tar is hostile. A name is cleaned and refused when it leads above the root; directories on the way are resolved
 * inside the root; hard links are made to entries inside the root only; for the rest see {@link TarMembers}.
 *
 * <p>Whiteouts ({@code .wh.name}) become character devices 0/0, opaque markers ({@code .wh..wh..opq}) an attribute, as
 * the kernel's overlayfs documentation has it.
 */
final class LayerExtraction implements AutoCloseable {
    private static final String WHITEOUT = ".wh.";
    private static final String AUFS = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final LayerTree tree;
    private final TarReader tar;
    private final TarMembers members;

    /** @param directory trusted path of an existing, empty directory */
    LayerExtraction(String directory, TarReader tar) throws ErrnoException {
        this.tree = new LayerTree(directory);
        this.tar = tar;
        this.members = new TarMembers(tree, tar, directory, Optional.empty());
    }

    /** {@return bytes of all regular files} */
    long run() throws IOException {
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            members.count();
            add(entry);
        }
        members.finish();
        return members.size();
    }

    private void add(TarEntry entry) throws IOException {
        EntryName name = EntryName.parse(entry.name());
        if (name.isRoot()) {
            // As dockerd: archives made of a temporary directory would bring its mode 0700 along.
            return;
        }
        try {
            if (name.base().startsWith(WHITEOUT)) {
                addWhiteout(entry, name);
            } else {
                add(entry, name);
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(ByteStrings.toText(name.path()) + ": " + e.getMessage(), e);
        }
    }

    private void add(TarEntry entry, EntryName name) throws IOException {
        Optional<EntryName> link =
                entry.type() == '1' ? Optional.of(EntryName.parse(entry.linkName())) : Optional.empty();
        members.add(tree.directory(name.parent()), name, entry, link);
    }

    private void addWhiteout(TarEntry entry, EntryName name) throws IOException {
        Fd parent = tree.directory(name.parent());
        if (name.base().equals(OPAQUE)) {
            tree.makeOpaque(parent);
            return;
        }
        if (name.base().startsWith(AUFS)) {
            // Bookkeeping of aufs, not part of the image.
            return;
        }
        String hidden = name.base().substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw new IOException("invalid whiteout");
        }
        try {
            Nodes.makeNode(parent, hidden, Stat.CHARACTER_DEVICE, 0, 0);
            Attributes.chown(parent, hidden, TarMembers.id(entry.uid()), TarMembers.id(entry.gid()));
        } catch (ErrnoException e) {
            // A whiteout concerns lower layers only: what this layer has under the name stays.
            if (e.errno() != ErrnoException.EEXIST) {
                throw e;
            }
            if (Attributes.stat(parent, hidden).isDirectory()) {
                tree.makeOpaque(parent, hidden);
            }
        }
    }

    @Override
    public void close() {
        tree.close();
        members.close();
    }
}
