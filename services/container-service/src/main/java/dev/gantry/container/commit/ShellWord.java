package dev.gantry.container.commit;

import dev.gantry.engine.EngineError;
import java.util.List;

/** A word of a Dockerfile with its variables put in and its quotes taken off, as buildkit does it. */
final class ShellWord {
    private static final int DEEPEST = 100;

    private final String word;
    private final List<String> environment;
    private int at;
    private int depth;

    private ShellWord(String word, List<String> environment) {
        this.word = word;
        this.environment = environment;
    }

    /** @param environment {@code NAME=value} each; null for none */
    static String expand(String word, List<String> environment) {
        try {
            return new ShellWord(word, environment == null ? List.of() : environment).until((char) 0);
        } catch (Broken e) {
            throw new EngineError.BadParameter("failed to process " + quoted(word) + ": " + e.getMessage());
        }
    }

    /** As Go writes a string ({@code %q}). */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + '"';
    }

    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message, null, false, false);
        }
    }

    /** Up to an end, which is taken; 0 for that of the word. */
    private String until(char end) {
        StringBuilder out = new StringBuilder();
        while (at < word.length()) {
            char each = word.charAt(at++);
            if (end != 0 && each == end) {
                return out.toString();
            }
            switch (each) {
                case '\'' -> singleQuoted(out);
                case '"' -> doubleQuoted(out);
                case '$' -> out.append(variable());
                case '\\' -> {
                    if (at < word.length()) {
                        out.append(word.charAt(at++));
                    }
                }
                default -> out.append(each);
            }
        }
        if (end != 0) {
            throw new Broken("syntax error: missing '" + end + "'");
        }
        return out.toString();
    }

    private void singleQuoted(StringBuilder out) {
        int end = word.indexOf('\'', at);
        if (end < 0) {
            throw new Broken("unexpected end of statement while looking for matching single-quote");
        }
        out.append(word, at, end);
        at = end + 1;
    }

    private void doubleQuoted(StringBuilder out) {
        while (at < word.length()) {
            char each = word.charAt(at++);
            if (each == '"') {
                return;
            }
            if (each == '$') {
                out.append(variable());
            } else if (each == '\\' && at < word.length() && "\"$\\".indexOf(word.charAt(at)) >= 0) {
                out.append(word.charAt(at++));
            } else {
                out.append(each);
            }
        }
        throw new Broken("unexpected end of statement while looking for matching double-quote");
    }

    private String variable() {
        if (at == word.length() || word.charAt(at) != '{') {
            String name = name();
            return name.isEmpty() ? "$" : orEmpty(value(name));
        }
        at++;
        if (at == word.length()) {
            throw new Broken("syntax error: missing '}'");
        }
        String name = name();
        if (name.isEmpty()) {
            throw new Broken("syntax error: bad substitution");
        }
        if (at == word.length()) {
            throw new Broken("syntax error: missing '}'");
        }
        char next = word.charAt(at++);
        if (next == '}') {
            return orEmpty(value(name));
        }
        boolean emptyIsUnset = next == ':';
        if (emptyIsUnset) {
            if (at == word.length()) {
                throw new Broken("syntax error: missing '}'");
            }
            next = word.charAt(at++);
        }
        return substituted(name, emptyIsUnset, next);
    }

    private String substituted(String name, boolean emptyIsUnset, char modifier) {
        if ("-+?".indexOf(modifier) < 0) {
            throw new Broken("unsupported modifier (" + (emptyIsUnset ? ":" : "") + modifier + ") in substitution");
        }
        if (++depth > DEEPEST) {
            throw new Broken("substitutions in more than " + DEEPEST + " others");
        }
        String other = until('}');
        depth--;
        String value = value(name);
        boolean set = value != null && !(emptyIsUnset && value.isEmpty());
        return switch (modifier) {
            case '-' -> set ? value : other;
            case '+' -> set ? other : "";
            default -> {
                if (!set) {
                    throw new Broken(name + ": " + (other.isEmpty() ? "is not allowed to be unset" : other));
                }
                yield value;
            }
        };
    }

    /** One digit or sign, or letters, digits and underscores. */
    private String name() {
        int begin = at;
        if (at < word.length() && "@*#?-$!0123456789".indexOf(word.charAt(at)) >= 0) {
            at++;
            return word.substring(begin, at);
        }
        while (at < word.length() && (Character.isLetterOrDigit(word.charAt(at)) || word.charAt(at) == '_')) {
            at++;
        }
        return word.substring(begin, at);
    }

    private String value(String name) {
        return environment.stream()
                .filter(each -> each.startsWith(name + "="))
                .findFirst()
                .map(each -> each.substring(name.length() + 1))
                .orElse(null);
    }

    private static String orEmpty(String value) {
        return value == null ? "" : value;
    }
}
