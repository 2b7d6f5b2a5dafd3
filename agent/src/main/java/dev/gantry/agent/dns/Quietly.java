package dev.gantry.agent.dns;

import java.io.Closeable;
import java.io.IOException;

/** Closing what may be closed already. */
final class Quietly {
    private Quietly() {}

    /** @param closeable may be null */
    static void close(Closeable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (IOException e) {
            // It is closed all the same.
        }
    }
}
