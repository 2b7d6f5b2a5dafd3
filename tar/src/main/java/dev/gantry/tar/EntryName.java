package dev.gantry.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Where a tar member goes, below the root: {@code parent} is empty or components joined by slashes, {@code base} is one
 * component, empty for the root itself. Neither has {@code .} or {@code ..} in it.
 */
public record EntryName(String parent, String base) {
    /** PATH_MAX, which no path in a running container could exceed either. */
    private static final int MAX_LENGTH = 4095;

    private static final int MAX_COMPONENT = 255;

    /**
     * An absolute name starts at the root of the layer.
     *
     * @throws IOException when {@code ..} leads above the root, as dockerd refuses it
     */
    public static EntryName parse(String name) throws IOException {
        if (name.length() > MAX_LENGTH || name.indexOf('\0') >= 0) {
            throw new TarFormatException("invalid file name in a layer");
        }
        Deque<String> components = new ArrayDeque<>();
        for (String component : name.split("/", -1)) {
            if (component.length() > MAX_COMPONENT) {
                throw new TarFormatException("a file name in a layer is too long");
            }
            if (component.equals("..")) {
                if (components.pollLast() == null) {
                    throw new TarFormatException("\"" + text(name) + "\" leads out of the layer's root");
                }
            } else if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        String base = components.isEmpty() ? "" : components.removeLast();
        return new EntryName(String.join("/", components), base);
    }

    /** For messages: names are byte strings. */
    private static String text(String name) {
        return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    public boolean isRoot() {
        return base.isEmpty();
    }

    public String path() {
        return parent.isEmpty() ? base : parent + "/" + base;
    }
}
