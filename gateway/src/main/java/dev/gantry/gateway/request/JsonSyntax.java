package dev.gantry.gateway.request;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * JSON's grammar (RFC 8259) over bytes that can only be UTF-8, with what is wrong said as Go's {@code encoding/json} says
 * it. Libraries are more lenient, guess other encodings, and say it in words of their own.
 */
final class JsonSyntax {
    /** What nothing in the Docker API comes near. */
    private static final int DEEPEST = 200;

    /** A container that publishes all ports has 330,000. Readers make an object of each, and of an empty list two. */
    private static final int MOST_VALUES = 600_000;

    private static final int END = -1;

    private final byte[] text;
    private int at;
    private int depth;
    private int values;

    JsonSyntax(Buffer text) {
        this.text = text.getBytes();
    }

    /** Not JSON. */
    static final class Wrong extends RuntimeException {
        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    /** Whether anything but white space is left. */
    boolean hasMore() {
        return peekVisible() != END;
    }

    /**
     * Goes past one value.
     *
     * @return its first character
     * @throws Wrong with the reason
     */
    char skipValue() {
        if (++values > MOST_VALUES) {
            throw new Wrong("more than " + MOST_VALUES + " values");
        }
        int first = peekVisible();
        switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number(first);
        }
        return (char) first;
    }

    /** How many there were so far, with those within others. */
    int values() {
        return values;
    }

    private void object() {
        enter();
        if (peekVisible() == '}') {
            leave();
            return;
        }
        while (true) {
            require('"', "looking for beginning of object key string");
            at--;
            string();
            require(':', "after object key");
            skipValue();
            if (endsWith('}', "after object key:value pair")) {
                return;
            }
        }
    }

    private void array() {
        enter();
        if (peekVisible() == ']') {
            leave();
            return;
        }
        do {
            skipValue();
        } while (!endsWith(']', "after array element"));
    }

    private void enter() {
        at++;
        if (++depth > DEEPEST) {
            throw new Wrong("exceeded max depth");
        }
    }

    private void leave() {
        at++;
        depth--;
    }

    private boolean endsWith(char end, String context) {
        if (peekVisible() == end) {
            leave();
            return true;
        }
        require(',', context);
        return false;
    }

    private void string() {
        at++;
        while (true) {
            int c = next();
            if (c == '"') {
                return;
            }
            if (c == '\\') {
                escape();
            } else if (c < ' ') {
                throw unexpected(c, "in string literal");
            }
        }
    }

    private void escape() {
        int c = next();
        if (c == 'u') {
            for (int i = 0; i < 4; i++) {
                int digit = next();
                if (Character.digit(digit, 16) < 0) {
                    throw unexpected(digit, "in \\u hexadecimal character escape");
                }
            }
        } else if ("\"\\/bfnrt".indexOf(c) < 0) {
            throw unexpected(c, "in string escape code");
        }
    }

    private void literal(String word) {
        at++;
        for (int i = 1; i < word.length(); i++) {
            String context = "in literal " + word + " (expecting '" + word.charAt(i) + "')";
            int c = next();
            if (c != word.charAt(i)) {
                throw unexpected(c, context);
            }
        }
    }

    private void number(int first) {
        if (first == END) {
            throw new Wrong("unexpected EOF");
        }
        at++;
        int digit = first;
        if (first == '-') {
            digit = next();
        }
        if (!isDigit(digit)) {
            throw unexpected(digit, first == '-' ? "in numeric literal" : "looking for beginning of value");
        }
        if (digit != '0') {
            skipDigits();
        }
        if (peek() == '.') {
            at++;
            digits("after decimal point in numeric literal");
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits("in exponent of numeric literal");
        }
    }

    private void digits(String context) {
        int c = next();
        if (!isDigit(c)) {
            throw unexpected(c, context);
        }
        skipDigits();
    }

    private void skipDigits() {
        while (isDigit(peek())) {
            at++;
        }
    }

    private void require(char wanted, String context) {
        peekVisible();
        int c = next();
        if (c != wanted) {
            throw unexpected(c, context);
        }
    }

    private int next() {
        int c = peek();
        if (c == END) {
            throw new Wrong("unexpected EOF");
        }
        at++;
        return c;
    }

    private int peek() {
        return at < text.length ? Byte.toUnsignedInt(text[at]) : END;
    }

    private int peekVisible() {
        int c = peek();
        while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            at++;
            c = peek();
        }
        return c;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static Wrong unexpected(int c, String context) {
        return new Wrong("invalid character " + quoted(c) + " " + context);
    }

    /** A byte as Go quotes it, which takes it for a character of Latin-1. */
    private static String quoted(int c) {
        return switch (c) {
            case '\'' -> "'\\''";
            case '\\' -> "'\\\\'";
            case '\t' -> "'\\t'";
            case '\n' -> "'\\n'";
            case '\r' -> "'\\r'";
            default ->
                c < ' ' || c >= 0x7f && c < 0xa1
                        ? String.format(c < 0x80 ? "'\\x%02x'" : "'\\u%04x'", c)
                        : "'" + new String(new byte[] {(byte) c}, StandardCharsets.ISO_8859_1) + "'";
        };
    }
}
