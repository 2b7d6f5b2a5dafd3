package dev.gantry.agent.snapshot;

import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.OpenFiles;

/**
 * Stops a layer before it takes the last of the disk, which others on the machine (the database above all) need more. A
 * layer of a few kilobytes can unpack into any size.
 */
final class DiskReserve {
    private static final long RESERVE = 64L * 1024 * 1024;
    private static final long CHECK_EVERY = 16L * 1024 * 1024;

    private final String directory;
    private long sinceCheck;

    /** For the disk that this directory is on, a trusted path. */
    DiskReserve(String directory) {
        this.directory = directory;
    }

    void written(long bytes) throws ErrnoException {
        sinceCheck += bytes;
        if (sinceCheck >= CHECK_EVERY) {
            sinceCheck = 0;
            if (OpenFiles.freeBytes(directory) < RESERVE) {
                throw new ErrnoException("write", "", ErrnoException.ENOSPC);
            }
        }
    }
}
