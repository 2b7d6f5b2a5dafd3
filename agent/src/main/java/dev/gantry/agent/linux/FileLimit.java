package dev.gantry.agent.linux;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Files that this process may have open at once: what clients and containers cause to be opened has a share of them. */
public final class FileLimit {
    private FileLimit() {}

    /** The soft limit (getrlimit(2), RLIMIT_NOFILE). */
    public static long most() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }
}
