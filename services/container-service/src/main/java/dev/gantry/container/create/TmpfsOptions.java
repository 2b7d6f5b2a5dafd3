package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import java.util.Set;

/** Options of a tmpfs: flags of mount(8), and values as tmpfs(5) takes them. */
final class TmpfsOptions {
    private static final Set<String> FLAGS = Set.of(
            "defaults",
            "ro",
            "rw",
            "suid",
            "nosuid",
            "dev",
            "nodev",
            "exec",
            "noexec",
            "sync",
            "async",
            "dirsync",
            "remount",
            "mand",
            "nomand",
            "atime",
            "noatime",
            "diratime",
            "nodiratime",
            "bind",
            "rbind",
            "unbindable",
            "runbindable",
            "private",
            "rprivate",
            "shared",
            "rshared",
            "slave",
            "rslave",
            "relatime",
            "norelatime",
            "strictatime",
            "nostrictatime");
    private static final Set<String> KEYS = Set.of("mode", "size", "uid", "gid", "nr_inodes", "nr_blocks", "mpol");

    private TmpfsOptions() {}

    static String check(String options) {
        if (options.isEmpty()) {
            return options;
        }
        for (String word : options.split(",", -1)) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (!(equals < 0 ? FLAGS : KEYS).contains(name)) {
                throw new EngineError.BadParameter("invalid tmpfs option \"" + name + "\"");
            }
        }
        return options;
    }
}
