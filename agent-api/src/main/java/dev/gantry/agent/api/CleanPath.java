package dev.gantry.agent.api;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A path that a client or an image named, made harmless as text: absolute, without {@code .}, {@code ..} and doubled
 * slashes, so that appended to a root it stays below it (but for symbolic links, which only the host can see). Services
 * clean what they pass on, and the agent cleans again where it uses it.
 */
public final class CleanPath {
    /** PATH_MAX of linux/limits.h, less the NUL. */
    public static final int LONGEST = 4095;

    private CleanPath() {}

    /** @throws IllegalArgumentException when no file can have this name: see {@link #isPossible} */
    public static String of(String path) {
        if (!isPossible(path)) {
            throw new IllegalArgumentException("not the path of a file");
        }
        Deque<String> components = new ArrayDeque<>();
        for (String component : path.split("/", -1)) {
            if (component.equals("..")) {
                components.pollLast();
            } else if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        return "/" + String.join("/", components);
    }

    /** The kernel would cut a path with a NUL short, and refuse a longer one. */
    public static boolean isPossible(String path) {
        return path.length() <= LONGEST && path.indexOf('\0') < 0;
    }

    /** Whether a cleaned path is {@code parent} or below it. */
    public static boolean isWithin(String clean, String parent) {
        return clean.equals(parent) || clean.startsWith(parent.equals("/") ? parent : parent + "/");
    }
}
