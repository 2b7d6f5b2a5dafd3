package dev.gantry.agent.linux;

/**
 * What statx(2) tells of a file.
 *
 * @param mode type and permission bits
 * @param size bytes
 * @param device id of the filesystem, to be compared only
 * @param major of a device node, with {@code minor}
 * @param modifiedSeconds since 1970, and {@code modifiedNanos} (0 to 999,999,999) after that; likewise the access time
 * @param mountRoot whether something is mounted here
 */
public record Stat(
        int mode,
        int uid,
        int gid,
        long links,
        long inode,
        long device,
        long size,
        int major,
        int minor,
        long accessedSeconds,
        int accessedNanos,
        long modifiedSeconds,
        int modifiedNanos,
        boolean mountRoot) {
    public static final int FIFO = 0x1000;
    public static final int CHARACTER_DEVICE = 0x2000;
    public static final int DIRECTORY = 0x4000;
    public static final int BLOCK_DEVICE = 0x6000;
    public static final int REGULAR = 0x8000;
    public static final int SYMBOLIC_LINK = 0xa000;
    public static final int SOCKET = 0xc000;
    private static final int TYPE = 0xf000;

    /** One of the type constants. */
    public int type() {
        return mode & TYPE;
    }

    /** Permission bits with set-user-id, set-group-id and sticky. */
    public int permissions() {
        return mode & 0xfff;
    }

    public boolean isDirectory() {
        return type() == DIRECTORY;
    }

    /** overlayfs hides a lower layer's entry behind a character device 0/0. */
    public boolean isWhiteout() {
        return type() == CHARACTER_DEVICE && major == 0 && minor == 0;
    }
}
