package dev.gantry.container.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gantry.engine.EngineError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One instruction of a Dockerfile, read by the rules of buildkit's parser and refused in its words.
 *
 * @param name in capitals
 * @param flags words that begin with two dashes, before the rest
 * @param rest without space around it
 * @param line as it was written, continued lines joined
 */
record Instruction(String name, List<String> flags, String rest, String line) {
    private static final Pattern DIRECTIVE = Pattern.compile("^#\\s*([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*$");
    private static final Pattern COMMENT = Pattern.compile("^\\s*#.*$");
    private static final Pattern FLAG = Pattern.compile("(--\\S*)\\s*");
    private static final Pattern SPACE = Pattern.compile("[\\t\\x0B\\f\\r ]+");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static List<Instruction> parse(String text) {
        String[] lines = text.split("\n", -1);
        String escape = escape(lines);
        Pattern continued = Pattern.compile("(.*?)" + Pattern.quote(escape) + "[ \\t]*$", Pattern.DOTALL);
        List<Instruction> instructions = new ArrayList<>();
        StringBuilder whole = new StringBuilder();
        for (String each : lines) {
            String line = each.endsWith("\r") ? each.substring(0, each.length() - 1) : each;
            if (COMMENT.matcher(line).matches() || line.isBlank()) {
                continue;
            }
            Matcher more = continued.matcher(line);
            if (more.matches()) {
                whole.append(more.group(1));
            } else {
                instructions.add(of(whole.append(line).toString()));
                whole.setLength(0);
            }
        }
        if (!whole.isEmpty()) {
            instructions.add(of(whole.toString()));
        }
        if (instructions.isEmpty()) {
            throw new EngineError.BadParameter("file with no instructions");
        }
        return instructions;
    }

    /** What the first lines say: {@code # escape=`}. */
    private static String escape(String[] lines) {
        for (String line : lines) {
            Matcher directive = DIRECTIVE.matcher(line);
            if (!directive.matches()) {
                break;
            }
            if (directive.group(1).equalsIgnoreCase("escape")) {
                if (!directive.group(2).equals("\\") && !directive.group(2).equals("`")) {
                    throw new EngineError.BadParameter("invalid ESCAPE '" + directive.group(2) + "'. Must be ` or \\");
                }
                return directive.group(2);
            }
        }
        return "\\";
    }

    static Instruction of(String line) {
        String[] parts = SPACE.split(line.strip(), 2);
        String rest = parts.length < 2 ? "" : parts[1].strip();
        List<String> flags = new ArrayList<>();
        Matcher flag = FLAG.matcher(rest);
        while (flag.lookingAt()) {
            rest = rest.substring(flag.end());
            if (flag.group(1).equals("--")) {
                break;
            }
            flags.add(flag.group(1));
            flag = FLAG.matcher(rest);
        }
        return new Instruction(parts[0].toUpperCase(Locale.ROOT), flags, rest, line);
    }

    /** The strings of an array in JSON; empty when it is none. */
    static Optional<List<String>> array(String text) {
        if (!text.startsWith("[")) {
            return Optional.empty();
        }
        JsonNode tree;
        try {
            tree = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        List<String> strings = new ArrayList<>();
        for (JsonNode element : tree) {
            if (!element.isTextual()) {
                throw new EngineError.BadParameter(
                        "when using JSON array syntax, arrays must be comprised of strings only");
            }
            strings.add(element.textValue());
        }
        return Optional.of(strings);
    }

    /** Words between spaces. */
    List<String> words() {
        return rest.isEmpty() ? List.of() : List.of(rest.split("\\s+"));
    }

    /** A name and what follows it, by {@code name=value} or, for one alone, {@code name value}. */
    record Pair(String name, String value) {}

    List<Pair> pairs() {
        List<String> words = quotedWords();
        if (words.isEmpty()) {
            throw new EngineError.BadParameter(name + " requires at least one argument");
        }
        if (words.getFirst().indexOf('=') < 0) {
            String[] parts = SPACE.split(rest, 2);
            if (parts.length < 2) {
                throw new EngineError.BadParameter(name + " must have two arguments");
            }
            return List.of(new Pair(parts[0], parts[1]));
        }
        return words.stream().map(this::pair).toList();
    }

    private Pair pair(String word) {
        int at = word.indexOf('=');
        if (at < 0) {
            throw new EngineError.BadParameter(
                    "Syntax error - can't find = in " + ShellWord.quoted(word) + ". Must be of the form: name=value");
        }
        if (at == 0) {
            throw new EngineError.BadParameter(name + " names can not be blank");
        }
        return new Pair(word.substring(0, at), word.substring(at + 1));
    }

    /** Words whose quotes, which stay, keep spaces together. */
    private List<String> quotedWords() {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean inWord = false;
        for (int i = 0; i < rest.length(); i++) {
            char each = rest.charAt(i);
            if (quote == 0 && Character.isWhitespace(each)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
                continue;
            }
            inWord = true;
            word.append(each);
            if (each == '\\' && quote != '\'' && i + 1 < rest.length()) {
                word.append(rest.charAt(++i));
            } else if (quote == 0 && (each == '"' || each == '\'')) {
                quote = each;
            } else if (each == quote) {
                quote = 0;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }
}
