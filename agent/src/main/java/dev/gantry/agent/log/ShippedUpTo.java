package dev.gantry.agent.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * How much of a log has been sent, on disk, for the next agent: a place for each stream. Written in one piece of always the
 * same size, so that a kill leaves the old text or the new one; what a power cut leaves may be sent again.
 */
final class ShippedUpTo {
    private static final int SIZE = 512;

    private final Path file;

    ShippedUpTo(Path log) {
        file = log.resolveSibling(log.getFileName() + ".sent");
    }

    record Places(MessageAssembly.Place stdout, MessageAssembly.Place stderr) {}

    /** @return null when nothing was */
    Places read() {
        try {
            String[] lines =
                    Files.readString(file, StandardCharsets.US_ASCII).strip().split("\n");
            return new Places(MessageAssembly.Place.decode(lines[0]), MessageAssembly.Place.decode(lines[1]));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return null;
        }
    }

    /** A log whose directory is gone has nothing to keep. */
    void write(Places places) throws IOException {
        byte[] text =
                (places.stdout().encode() + "\n" + places.stderr().encode() + "\n").getBytes(StandardCharsets.US_ASCII);
        int used = text.length;
        byte[] padded = Arrays.copyOf(text, Math.max(SIZE, used));
        Arrays.fill(padded, used, padded.length, (byte) ' ');
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            channel.write(ByteBuffer.wrap(padded), 0);
        } catch (NoSuchFileException e) {
            return;
        }
    }
}
