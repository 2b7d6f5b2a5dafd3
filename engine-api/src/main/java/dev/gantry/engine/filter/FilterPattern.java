package dev.gantry.engine.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.gantry.engine.EngineError;
import java.util.Optional;
import java.util.regex.MatchResult;

/**
 * A regular expression that a client gave, in Go's syntax. Finding takes a time that grows with the text and not with what
 * the expression could try: it is done on event loops.
 */
public final class FilterPattern {
    /** A name or an id is much shorter. */
    private static final int LONGEST = 1_024;

    /**
     * Of what the expression becomes when its counted repetitions are written out. RE2/J does that without Go's limit, and
     * ends the process with one of {@code ((a{1000}){1000}){1000}}.
     */
    private static final long LARGEST = 4_096;

    private static final java.util.regex.Pattern COUNT =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

    private final Pattern pattern;

    private FilterPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Empty when the text is no regular expression, or one that is far too large.
     *
     * @throws EngineError.BadParameter when it is too long for one
     */
    public static Optional<FilterPattern> of(String text) {
        return of(text, text.length());
    }

    /**
     * As {@link #of(String)}, of an expression made of what a client gave.
     *
     * @param given how long that was
     */
    public static Optional<FilterPattern> of(String expression, int given) {
        if (given > LONGEST) {
            throw new EngineError.BadParameter("invalid filter: a value is longer than " + LONGEST + " characters");
        }
        if (!isWrittenOut(expression)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new FilterPattern(Pattern.compile(expression)));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    /** Repetitions of groups may hold others, and are taken to do so; others stand behind one another. */
    private static boolean isWrittenOut(String expression) {
        boolean ofGroups = expression.contains("){") || expression.contains("}{");
        long added = expression.length();
        long multiplied = expression.length();
        for (var count : (Iterable<MatchResult>) COUNT.matcher(expression).results()::iterator) {
            long times = Math.max(times(count.group(1)), times(count.group(2)));
            added += times;
            multiplied = Math.min(LARGEST + 1, multiplied * Math.max(1, times));
        }
        return (ofGroups ? multiplied : added) <= LARGEST;
    }

    private static long times(String digits) {
        return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    /** The text as an expression that matches nothing else. */
    public static String quote(String text) {
        return Pattern.quote(text);
    }

    /** Whether it is somewhere in the text. */
    public boolean find(String text) {
        return pattern.matcher(text).find();
    }

    /** Whether it is the whole text. */
    public boolean matches(String text) {
        return pattern.matches(text);
    }
}
