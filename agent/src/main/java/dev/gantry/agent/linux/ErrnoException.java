package dev.gantry.agent.linux;

import java.io.IOException;
import java.util.Locale;

/** A system call that failed; the message is {@code call argument: reason}, as strerror(3) words it. */
public final class ErrnoException extends IOException {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EXDEV = 18;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int ENODATA = 61;
    public static final int ENOTSUP = 95;
    public static final int EADDRINUSE = 98;
    public static final int EDQUOT = 122;

    private final int errno;

    public ErrnoException(String call, String argument, int errno) {
        super(call + (argument.isEmpty() ? "" : " " + argument) + ": " + Libc.strerror(errno));
        this.errno = errno;
    }

    /** As Go words it: strerror(3) in lower case. */
    public String reason() {
        String text = Libc.strerror(errno);
        return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    /** The number from errno(3). */
    public int errno() {
        return errno;
    }
}
