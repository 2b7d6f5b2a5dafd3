package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The records of a pax extended header: {@code "length key=value\n"}, values being any bytes (POSIX, pax, "pax Extended
 * Header"). Values are byte strings.
 */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords(Map.of(), List.of());

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,18}");

    static final String ATTRIBUTE = "SCHILY.xattr.";

    private final Map<String, String> values;
    private final List<TarEntry.Part> sparse;

    private PaxRecords(Map<String, String> values, List<TarEntry.Part> sparse) {
        this.values = values;
        this.sparse = sparse;
    }

    static PaxRecords parse(byte[] content) throws IOException {
        Map<String, String> values = new HashMap<>();
        List<TarEntry.Part> sparse = new ArrayList<>();
        long offset = -1;
        for (int at = 0; at < content.length; ) {
            int end = at + recordLength(content, at);
            int keyStart = indexOf(content, ' ', at, end) + 1;
            int equals = indexOf(content, '=', keyStart, end);
            if (content[end - 1] != '\n') {
                throw malformed();
            }
            String key = new String(content, keyStart, equals - keyStart, ISO_8859_1);
            String value = new String(content, equals + 1, end - equals - 2, ISO_8859_1);
            switch (key) {
                case "GNU.sparse.offset" -> offset = number(value);
                case "GNU.sparse.numbytes" -> sparse.add(new TarEntry.Part(offset, number(value)));
                default -> values.put(key, value);
            }
            at = end;
        }
        String map = values.get("GNU.sparse.map");
        return new PaxRecords(values, map == null ? sparse : partsOf(map));
    }

    private static int recordLength(byte[] content, int at) throws IOException {
        int space = indexOf(content, ' ', at, Math.min(content.length, at + 10));
        long length = number(new String(content, at, space - at, ISO_8859_1));
        if (length < space - at + 3 || length > content.length - at) {
            throw malformed();
        }
        return (int) length;
    }

    private static int indexOf(byte[] content, char wanted, int from, int end) throws IOException {
        for (int i = from; i < end; i++) {
            if (content[i] == wanted) {
                return i;
            }
        }
        throw malformed();
    }

    private static List<TarEntry.Part> partsOf(String map) throws IOException {
        String[] numbers = map.split(",", -1);
        if (numbers.length % 2 != 0) {
            throw malformed();
        }
        List<TarEntry.Part> parts = new ArrayList<>();
        for (int i = 0; i < numbers.length; i += 2) {
            parts.add(new TarEntry.Part(number(numbers[i]), number(numbers[i + 1])));
        }
        return parts;
    }

    /** Form and length are looked at first: what a header holds may be a megabyte of digits. */
    static long number(String digits) throws IOException {
        if (!NUMBER.matcher(digits).matches()) {
            throw new TarFormatException("invalid number in a tar's extended header");
        }
        return Long.parseLong(digits);
    }

    private static IOException malformed() {
        return new TarFormatException("malformed extended header in a tar");
    }

    /** An empty value takes an earlier one back, so it counts as absent. */
    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isEmpty());
    }

    long number(String key, long otherwise) throws IOException {
        String value = values.get(key);
        return value == null || value.isEmpty() ? otherwise : number(value);
    }

    Optional<PaxTime> modified() throws IOException {
        Optional<String> time = text("mtime");
        return time.isEmpty() ? Optional.empty() : Optional.of(PaxTime.parse(time.get()));
    }

    Map<String, String> attributes() {
        Map<String, String> attributes = new HashMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(ATTRIBUTE)) {
                attributes.put(key.substring(ATTRIBUTE.length()), value);
            }
        });
        return attributes;
    }

    /** Parts named by the header itself, GNU's sparse formats 0.0 and 0.1; empty when there are none. */
    List<TarEntry.Part> sparse() {
        return sparse;
    }

    boolean isSparse() {
        return values.containsKey("GNU.sparse.size") || values.containsKey("GNU.sparse.realsize") || !sparse.isEmpty();
    }

    /** GNU's sparse format 1.0: the parts stand before the content. */
    boolean sparseMapInContent() {
        return "1".equals(values.get("GNU.sparse.major"));
    }
}
