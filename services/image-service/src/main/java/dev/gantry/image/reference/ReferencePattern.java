package dev.gantry.image.reference;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.filter.FilterPattern;

/** A shell pattern over familiar names, as Go's {@code path.Match} reads it: {@code *} stops at a slash. */
public final class ReferencePattern {
    private final FilterPattern pattern;

    private ReferencePattern(FilterPattern pattern) {
        this.pattern = pattern;
    }

    public static ReferencePattern of(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            int end = c == '[' ? glob.indexOf(']', i + 2) : -1;
            if ((c == '[' && end < 0) || (c == '\\' && i + 1 == glob.length())) {
                throw malformed(glob);
            }
            switch (c) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                case '[' -> {
                    regex.append('[').append(set(glob.substring(i + 1, end))).append(']');
                    i = end;
                }
                case '\\' -> regex.append(FilterPattern.quote(String.valueOf(glob.charAt(++i))));
                default -> regex.append(FilterPattern.quote(String.valueOf(c)));
            }
        }
        return FilterPattern.of(regex.toString(), glob.length())
                .map(ReferencePattern::new)
                .orElseThrow(() -> malformed(glob));
    }

    /** The inside of brackets without what only an expression would read something into. */
    private static String set(String inside) {
        return inside.replace("\\", "\\\\").replace("[", "\\[").replace("&", "\\&");
    }

    private static EngineError malformed(String glob) {
        return new EngineError.BadParameter("invalid reference filter '" + glob + "': syntax error in pattern");
    }

    /** Whether the pattern fits the whole familiar name, or the name without tag and digest. */
    public boolean matches(Reference reference) {
        return pattern.matches(reference.familiar()) || pattern.matches(reference.familiarName());
    }
}
