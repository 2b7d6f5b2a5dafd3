package dev.gantry.agent.linux;

import java.io.IOException;

/** Mount namespaces that show the host's mounts of this moment, less some. */
public final class MountViews {
    private static final String OWN = "/proc/thread-self/ns/mnt";

    private MountViews() {}

    /**
     * Makes one without what is mounted at {@code hidden}. Nothing in it reaches the host; what the host unmounts where
     * mounts propagate is unmounted in it too.
     *
     * @return the namespace, which ends when this is closed and no process is in it
     */
    public static Fd without(String hidden) throws IOException {
        return Namespaces.onThreadOfItsOwn(() -> {
            try (Fd host = OpenFiles.open(OWN, OpenFiles.READ)) {
                Namespaces.unshare(Namespaces.CLONE_FS | Namespaces.CLONE_NEWNS);
                try {
                    Mounts.mount("", "/", "", Mounts.RECURSIVE | Mounts.SLAVE, "");
                    Mounts.detach(hidden);
                    return OpenFiles.open(OWN, OpenFiles.READ);
                } finally {
                    // Before anything that could wake another thread: the JVM starts the carriers of virtual threads
                    // from whichever thread needs one, and they would stay in this namespace.
                    Namespaces.enter(host.number(), Namespaces.CLONE_NEWNS);
                }
            }
        });
    }
}
