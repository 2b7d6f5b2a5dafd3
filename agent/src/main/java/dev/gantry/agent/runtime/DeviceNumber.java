package dev.gantry.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A device by its numbers; 0:0 of what is none. */
record DeviceNumber(long major, long minor) {
    /** gnu_dev_major and gnu_dev_minor of makedev(3). */
    static DeviceNumber of(long number) {
        return new DeviceNumber(
                (number >>> 8 & 0xfff) | (number >>> 32 & 0xfffff000L),
                (number & 0xff) | (number >>> 12 & 0xffffff00L));
    }

    /** Empty when there is no such file. */
    static Optional<DeviceNumber> of(Path file) {
        try {
            return Optional.of(of((long) Files.getAttribute(file, "unix:rdev")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
