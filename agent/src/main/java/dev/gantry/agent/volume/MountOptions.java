package dev.gantry.agent.volume;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The option {@code o} of a local volume: flags of mount(2) and what is left for the filesystem, told apart as dockerd does
 * (moby/sys/mount, flags_unix.go). {@code defaults} is no flag there.
 */
record MountOptions(long flags, String data) {
    private static final long READ_ONLY = 1;
    private static final long NO_SUID = 2;
    private static final long NO_DEV = 4;
    private static final long NO_EXEC = 8;
    private static final long SYNCHRONOUS = 16;
    private static final long MANDATORY_LOCKS = 64;
    private static final long DIR_SYNC = 128;
    private static final long NO_ATIME = 1024;
    private static final long NO_DIR_ATIME = 2048;
    private static final long RELATIVE_ATIME = 1 << 21;
    private static final long STRICT_ATIME = 1 << 24;
    private static final long REMOUNT = 32;
    private static final long BIND = 4096;
    private static final long RECURSIVE = 16384;
    private static final long UNBINDABLE = 1 << 17;
    private static final long PRIVATE = 1 << 18;
    private static final long SLAVE = 1 << 19;
    private static final long SHARED = 1 << 20;

    private static final Map<String, Long> SETS = new HashMap<>();
    private static final Map<String, Long> CLEARS = Map.of(
            "async", SYNCHRONOUS,
            "atime", NO_ATIME,
            "dev", NO_DEV,
            "diratime", NO_DIR_ATIME,
            "exec", NO_EXEC,
            "nomand", MANDATORY_LOCKS,
            "norelatime", RELATIVE_ATIME,
            "nostrictatime", STRICT_ATIME,
            "rw", READ_ONLY,
            "suid", NO_SUID);

    static {
        SETS.put("bind", BIND);
        SETS.put("dirsync", DIR_SYNC);
        SETS.put("mand", MANDATORY_LOCKS);
        SETS.put("noatime", NO_ATIME);
        SETS.put("nodev", NO_DEV);
        SETS.put("nodiratime", NO_DIR_ATIME);
        SETS.put("noexec", NO_EXEC);
        SETS.put("nosuid", NO_SUID);
        SETS.put("rbind", BIND | RECURSIVE);
        SETS.put("relatime", RELATIVE_ATIME);
        SETS.put("remount", REMOUNT);
        SETS.put("ro", READ_ONLY);
        SETS.put("strictatime", STRICT_ATIME);
        SETS.put("sync", SYNCHRONOUS);
        SETS.put("private", PRIVATE);
        SETS.put("rprivate", PRIVATE | RECURSIVE);
        SETS.put("shared", SHARED);
        SETS.put("rshared", SHARED | RECURSIVE);
        SETS.put("slave", SLAVE);
        SETS.put("rslave", SLAVE | RECURSIVE);
        SETS.put("unbindable", UNBINDABLE);
        SETS.put("runbindable", UNBINDABLE | RECURSIVE);
    }

    static MountOptions parse(String options) {
        long flags = 0;
        List<String> data = new ArrayList<>();
        for (String word : options.split(",", -1)) {
            if (SETS.containsKey(word)) {
                flags |= SETS.get(word);
            } else if (CLEARS.containsKey(word)) {
                flags &= ~CLEARS.get(word);
            } else {
                data.add(word);
            }
        }
        return new MountOptions(flags, String.join(",", data));
    }

    /** Which way mounts below it propagate: set by a call of its own. */
    long propagation() {
        return flags & (SHARED | PRIVATE | SLAVE | UNBINDABLE);
    }

    long withoutPropagation() {
        return flags & ~propagation();
    }

    boolean recursive() {
        return (flags & RECURSIVE) != 0;
    }

    boolean isBind() {
        return (flags & BIND) != 0;
    }

    boolean isRemount() {
        return (flags & REMOUNT) != 0;
    }

    /** A bind is made read-only by mounting it again. */
    boolean readOnlyBind() {
        return isBind() && (flags & READ_ONLY) != 0;
    }
}
