package dev.gantry.agent.log;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;

/** Rotated files in gzip's format; the name of the original that the format has room for is which file it was. */
final class CompressedLog {
    private static final String SUFFIX = ".gz";
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 3};
    private static final int NAME_MOST = 128;
    private static final int BLOCK = 64 * 1024;

    private CompressedLog() {}

    static Path of(Path plain) {
        return plain.resolveSibling(plain.getFileName() + SUFFIX);
    }

    private static boolean is(Path file) {
        return file.getFileName().toString().endsWith(SUFFIX);
    }

    /** The identity, in text, of the file that it was made of; null for one that is not compressed, or gone. */
    static String original(Path file) throws IOException {
        if (!is(file)) {
            return null;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(HEAD.length + NAME_MOST);
            int end = HEAD.length;
            while (end < start.length && start[end] != 0) {
                end++;
            }
            return end < start.length
                    ? new String(start, HEAD.length, end - HEAD.length, StandardCharsets.US_ASCII)
                    : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Replaces the file by a compressed one. */
    static void compress(Path plain) throws IOException {
        Path draft = plain.resolveSibling(plain.getFileName() + ".draft");
        Object identity = LogFiles.identity(plain);
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try (InputStream in = Files.newInputStream(plain);
                OutputStream out = Files.newOutputStream(draft)) {
            out.write(HEAD);
            out.write((identity + "\0").getBytes(StandardCharsets.US_ASCII));
            CRC32 sum = new CRC32();
            DeflaterOutputStream deflated = new DeflaterOutputStream(out, deflater, BLOCK);
            long size = in.transferTo(new CheckedOutputStream(deflated, sum));
            deflated.finish();
            DataOutputStream tail = new DataOutputStream(out);
            tail.writeInt(Integer.reverseBytes((int) sum.getValue()));
            tail.writeInt(Integer.reverseBytes((int) size));
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw e;
        } finally {
            deflater.end();
        }
        Files.move(draft, of(plain), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(plain);
    }

    /** Opens a log file for reading anywhere in it: of a compressed one, a copy of what is in it that has no name. */
    static FileChannel open(Path file) throws IOException {
        if (!is(file)) {
            return FileChannel.open(file);
        }
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file), BLOCK)) {
            Path copy = Files.createTempFile(file.getParent(), "reading", "");
            FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                Files.delete(copy);
                OutputStream out = Channels.newOutputStream(channel);
                in.transferTo(out);
                channel.position(0);
                return channel;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }
    }
}
