package dev.gantry.tar.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Writes tars for tests, also ones that no sane program would write. */
public final class TarArchive {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A member's header; the fluent methods change one field each. */
    public static final class Member {
        private final char type;
        private final String name;
        private String link = "";
        private int mode = 0644;
        private long uid;
        private long gid;
        private long modified = 1_700_000_000;
        private int major;
        private int minor;
        private final Map<String, String> pax = new TreeMap<>();

        public Member(char type, String name) {
            this.type = type;
            this.name = name;
        }

        public Member link(String target) {
            link = target;
            return this;
        }

        public Member mode(int bits) {
            mode = bits;
            return this;
        }

        public Member owner(long user, long group) {
            uid = user;
            gid = group;
            return this;
        }

        public Member modified(long seconds) {
            modified = seconds;
            return this;
        }

        public Member device(int majorNumber, int minorNumber) {
            major = majorNumber;
            minor = minorNumber;
            return this;
        }

        public Member pax(String key, String value) {
            pax.put(key, value);
            return this;
        }
    }

    public static Member file(String name) {
        return new Member('0', name);
    }

    public static Member directory(String name) {
        return new Member('5', name).mode(0755);
    }

    public static Member symbolicLink(String name, String target) {
        return new Member('2', name).link(target).mode(0777);
    }

    public static Member hardLink(String name, String target) {
        return new Member('1', name).link(target);
    }

    public TarArchive add(Member member) {
        return add(member, new byte[0]);
    }

    public TarArchive add(Member member, String content) {
        return add(member, content.getBytes(UTF_8));
    }

    public TarArchive add(Member member, byte[] content) {
        if (!member.pax.isEmpty()) {
            byte[] records = records(member.pax);
            block(header(new Member('x', "pax"), records.length));
            padded(records);
        }
        block(header(member, content.length));
        padded(content);
        return this;
    }

    /** Header of a size that is not true. */
    public TarArchive addHeader(Member member, long size) {
        block(header(member, size));
        return this;
    }

    public TarArchive raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public byte[] end() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    public byte[] cut() {
        return out.toByteArray();
    }

    private static byte[] records(Map<String, String> pax) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        pax.forEach((key, value) -> {
            int rest = key.length() + value.length() + 3;
            int length = rest + Integer.toString(rest).length();
            length = rest + Integer.toString(length).length();
            records.writeBytes((length + " " + key + "=" + value + "\n").getBytes(ISO_8859_1));
        });
        return records.toByteArray();
    }

    private static byte[] header(Member member, long size) {
        byte[] block = new byte[512];
        put(block, 0, member.name, 100);
        put(block, 100, "%07o".formatted(member.mode), 8);
        put(block, 108, "%07o".formatted(member.uid), 8);
        put(block, 116, "%07o".formatted(member.gid), 8);
        put(block, 124, "%011o".formatted(size), 12);
        put(block, 136, "%011o".formatted(member.modified), 12);
        block[156] = (byte) member.type;
        put(block, 157, member.link, 100);
        put(block, 257, "ustar\00000", 8);
        put(block, 329, "%07o".formatted(member.major), 8);
        put(block, 337, "%07o".formatted(member.minor), 8);
        checksum(block);
        return block;
    }

    public static void checksum(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte value : block) {
            sum += value & 0xff;
        }
        put(block, 148, "%06o\0".formatted(sum), 8);
    }

    private static void put(byte[] block, int at, String text, int length) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        System.arraycopy(bytes, 0, block, at, Math.min(length, bytes.length));
    }

    private void block(byte[] header) {
        out.writeBytes(header);
    }

    private void padded(byte[] content) {
        out.writeBytes(content);
        out.writeBytes(new byte[-content.length & 511]);
    }
}
