package dev.gantry.tar;

import java.io.IOException;

/** This is no tar, or one that nobody would write in earnest; other failures of reading are not of this kind. */
public final class TarFormatException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean truncated;

    TarFormatException(String message) {
        this(message, false);
    }

    private TarFormatException(String message, boolean truncated) {
        super(message);
        this.truncated = truncated;
    }

    static TarFormatException truncated(String message) {
        return new TarFormatException(message, true);
    }

    /** It could have been a good one, but ends too early. */
    public boolean isTruncated() {
        return truncated;
    }
}
