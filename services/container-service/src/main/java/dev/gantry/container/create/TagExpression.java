package dev.gantry.container.create;

import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is between {@code {{} and {@code }}} in a tag: a pipeline of fields, literals and functions. Errors are Go's. */
final class TagExpression {
    private static final Map<String, Integer> FUNCTIONS = Map.of(
            "json", 1, "split", 2, "join", 2, "title", 1, "lower", 1, "upper", 1, "pad", 3, "truncate", 2, "len", 1);
    /** Of any number of arguments. */
    private static final Set<String> PRINTING = Set.of("print", "println");

    /** Go has them, and here they are refused. */
    private static final Set<String> OTHERS = Set.of(
            "and",
            "break",
            "call",
            "continue",
            "else",
            "end",
            "eq",
            "false",
            "ge",
            "gt",
            "html",
            "if",
            "index",
            "js",
            "le",
            "lt",
            "ne",
            "nil",
            "not",
            "or",
            "printf",
            "range",
            "slice",
            "template",
            "block",
            "define",
            "true",
            "urlquery",
            "with");

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(\\.\\w*(?:\\.\\w+)*|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|-?[0-9]+|\\w+|\\||\\(|\\)|\\S)", Pattern.DOTALL);
    private static final int DEPTH_MOST = 20;

    private record Token(String text, int at) {}

    private final List<Token> tokens = new ArrayList<>();
    private final LoggedContainer container;
    private int next;
    private int depth;

    private TagExpression(String text, int offset, LoggedContainer container) {
        this.container = container;
        Matcher token = TOKEN.matcher(text);
        for (int at = 0; token.find(at) && token.start() == at; at = token.end()) {
            tokens.add(new Token(token.group(1), offset + token.start(1)));
        }
    }

    /** @throws EngineError.NotSupported for what Go knows and this does not */
    static void check(String text) {
        for (Token token : new TagExpression(text, 0, null).tokens) {
            boolean field = token.text().startsWith(".");
            String first = token.text().substring(0, 1);
            if (OTHERS.contains(token.text())
                    || Set.of("$", "'", ":", ",").contains(first)
                    || field
                            && (token.text().equals(".")
                                    || LoggedContainer.UNKNOWN.contains(
                                            token.text().substring(1)))
                    || field && token.text().indexOf('.', 1) > 0) {
                throw new EngineError.NotSupported(
                        "in the log option tag " + token.text() + " is not supported: {{" + text + "}}");
            }
        }
    }

    /** @param offset of the text in the template */
    static String evaluate(String text, int offset, LoggedContainer container) {
        TagExpression expression = new TagExpression(text, offset, container);
        Object value = expression.pipeline();
        if (expression.next < expression.tokens.size()) {
            throw expression.unexpected(expression.tokens.get(expression.next));
        }
        return shown(value);
    }

    private EngineError unexpected(Token token) {
        return new EngineError.BadParameter("template: log-tag:1: unexpected "
                + (token == null ? "end" : "<" + token.text() + ">") + " in command");
    }

    private Token peek() {
        return next < tokens.size() ? tokens.get(next) : null;
    }

    private boolean at(String text) {
        return peek() != null && peek().text().equals(text);
    }

    private Object pipeline() {
        if (++depth > DEPTH_MOST) {
            throw new EngineError.BadParameter("template: log-tag:1: too deep");
        }
        if (peek() == null) {
            throw new EngineError.BadParameter("template: log-tag:1: missing value for command");
        }
        Object value = command(null, false);
        while (at("|")) {
            next++;
            value = command(value, true);
        }
        depth--;
        return value;
    }

    /** @param piped the value of the command before, the last argument */
    private Object command(Object piped, boolean isPiped) {
        Token first = peek();
        boolean function = first != null && first.text().matches("[A-Za-z_]\\w*");
        if (!function) {
            Object value = operand();
            if (isPiped) {
                throw new EngineError.BadParameter("template: log-tag:1: non executable command in pipeline stage 2");
            }
            return value;
        }
        next++;
        List<Object> arguments = new ArrayList<>();
        List<Token> places = new ArrayList<>();
        while (peek() != null && !at("|") && !at(")")) {
            places.add(peek());
            arguments.add(operand());
        }
        if (isPiped) {
            places.add(first);
            arguments.add(piped);
        }
        return call(first, arguments, places);
    }

    private Object operand() {
        Token token = peek();
        if (token == null) {
            throw unexpected(null);
        }
        next++;
        String text = token.text();
        if (text.equals("(")) {
            Object value = pipeline();
            if (!at(")")) {
                throw new EngineError.BadParameter("template: log-tag:1: unclosed left paren");
            }
            next++;
            return value;
        }
        if (text.startsWith(".")) {
            return field(token);
        }
        if (text.startsWith("\"") || text.startsWith("`")) {
            return literal(text);
        }
        if (text.matches("-?[0-9]{1,18}")) {
            return Long.parseLong(text);
        }
        if (text.matches("[A-Za-z_]\\w*")) {
            return call(token, List.of(), List.of());
        }
        throw unexpected(token);
    }

    private Object field(Token token) {
        Object value = container.field(token.text().substring(1));
        if (value == null) {
            throw failure(token, "can't evaluate field " + token.text().substring(1) + " in type *logger.Info");
        }
        return value;
    }

    private static String literal(String text) {
        String inner = text.substring(1, text.length() - 1);
        return text.startsWith("`")
                ? inner
                : inner.replace("\\n", "\n").replace("\\t", "\t").replaceAll("\\\\(.)", "$1");
    }

    private static EngineError failure(Token token, String what) {
        return new EngineError.BadParameter(
                "template: log-tag:1:" + token.at() + ": executing \"log-tag\" at <" + token.text() + ">: " + what);
    }

    private Object call(Token name, List<Object> arguments, List<Token> places) {
        if (PRINTING.contains(name.text())) {
            boolean line = name.text().equals("println");
            return arguments.stream().map(TagExpression::shown).collect(Collectors.joining(line ? " " : ""))
                    + (line ? "\n" : "");
        }
        Integer wanted = FUNCTIONS.get(name.text());
        if (wanted == null) {
            throw new EngineError.BadParameter("template: log-tag:1: function \"" + name.text() + "\" not defined");
        }
        if (wanted != arguments.size()) {
            throw failure(
                    name, "wrong number of args for " + name.text() + ": want " + wanted + " got " + arguments.size());
        }
        return switch (name.text()) {
            case "json" -> StoredJson.tree(arguments.get(0)).toString();
            case "split" -> split(text(arguments, places, 0), text(arguments, places, 1));
            case "join" -> String.join(text(arguments, places, 1), list(arguments, places, 0));
            case "title" -> title(text(arguments, places, 0));
            case "lower" -> text(arguments, places, 0).toLowerCase(java.util.Locale.ROOT);
            case "upper" -> text(arguments, places, 0).toUpperCase(java.util.Locale.ROOT);
            case "pad" -> pad(text(arguments, places, 0), number(arguments, places, 1), number(arguments, places, 2));
            case "truncate" -> truncate(text(arguments, places, 0), number(arguments, places, 1));
            default -> length(arguments.get(0));
        };
    }

    private static String text(List<Object> arguments, List<Token> places, int index) {
        if (arguments.get(index) instanceof String text) {
            return text;
        }
        throw mismatch(arguments.get(index), places.get(index), "string");
    }

    private static int number(List<Object> arguments, List<Token> places, int index) {
        if (arguments.get(index) instanceof Long number) {
            return (int) Math.max(0, Math.min(number, 1024));
        }
        Token place = places.get(index);
        throw arguments.get(index) instanceof String && place.text().startsWith("\"")
                ? failure(place, "expected integer; found " + place.text())
                : mismatch(arguments.get(index), place, "int");
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(List<Object> arguments, List<Token> places, int index) {
        if (arguments.get(index) instanceof List<?> list) {
            return (List<String>) list;
        }
        throw mismatch(arguments.get(index), places.get(index), "[]string");
    }

    private static EngineError mismatch(Object value, Token place, String wanted) {
        String type =
                switch (value) {
                    case String text -> "string";
                    case Long number -> "int";
                    case Map<?, ?> map -> "map[string]string";
                    default -> "[]string";
                };
        return failure(place, "wrong type for value; expected " + wanted + "; got " + type);
    }

    private static List<String> split(String text, String separator) {
        return separator.isEmpty()
                ? text.codePoints().mapToObj(Character::toString).toList()
                : Arrays.asList(text.split(Pattern.quote(separator), -1));
    }

    private static String title(String text) {
        Matcher word = Pattern.compile("(?<![\\p{L}\\p{N}_'])\\p{Ll}").matcher(text);
        return word.replaceAll(first -> first.group().toUpperCase(java.util.Locale.ROOT));
    }

    private static String pad(String text, int before, int behind) {
        return text.isEmpty() ? text : " ".repeat(before) + text + " ".repeat(behind);
    }

    private static String truncate(String text, int length) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length < length ? text : new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static Long length(Object value) {
        return switch (value) {
            case String text -> (long) text.getBytes(StandardCharsets.UTF_8).length;
            case List<?> list -> (long) list.size();
            case Map<?, ?> map -> (long) map.size();
            default -> 0L;
        };
    }

    /** As Go prints it. */
    private static String shown(Object value) {
        return switch (value) {
            case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(" ", "[", "]"));
            case Map<?, ?> map ->
                new TreeMap<>(map)
                        .entrySet().stream()
                                .map(one -> one.getKey() + ":" + one.getValue())
                                .collect(Collectors.joining(" ", "map[", "]"));
            default -> String.valueOf(value);
        };
    }
}
