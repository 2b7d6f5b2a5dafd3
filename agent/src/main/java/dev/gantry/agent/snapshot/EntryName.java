package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.ByteStrings;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Where a tar member goes, below the root: {@code parent} is empty or components joined by slashes, {@code base} is one
 * component, empty for the root itself. Neither has {@code .} or {@code ..} in it.
 */
record EntryName(String parent, String base) {
    /** PATH_MAX, which no path in a running container could exceed either. */
    private static final int MAX_LENGTH = 4095;

    private static final int MAX_COMPONENT = 255;

    /**
     * An absolute name starts at the root of the layer.
     *
     * @throws IOException when {@code ..} leads above the root, as dockerd refuses it
     */
    static EntryName parse(String name) throws IOException {
        if (name.length() > MAX_LENGTH || name.indexOf('\0') >= 0) {
            throw new IOException("invalid file name in a layer");
        }
        Deque<String> components = new ArrayDeque<>();
        for (String component : name.split("/", -1)) {
            if (component.length() > MAX_COMPONENT) {
                throw new IOException("a file name in a layer is too long");
            }
            if (component.equals("..")) {
                if (components.pollLast() == null) {
                    throw new IOException("\"" + ByteStrings.toText(name) + "\" leads out of the layer's root");
                }
            } else if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        String base = components.isEmpty() ? "" : components.removeLast();
        return new EntryName(String.join("/", components), base);
    }

    boolean isRoot() {
        return base.isEmpty();
    }

    String path() {
        return parent.isEmpty() ? base : parent + "/" + base;
    }
}
