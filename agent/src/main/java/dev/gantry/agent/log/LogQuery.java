package dev.gantry.agent.log;

import dev.gantry.agent.api.AgentFailure;
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * What a client wants of a log.
 *
 * @param since entries from this time on; null for all
 * @param until entries up to this time; null for all
 * @param timestamps each line begins with its time
 * @param details behind its time each line has the log's attributes, which are none, and a space
 * @param tail the last so many lines; -1 for all
 */
public record LogQuery(
        boolean stdout,
        boolean stderr,
        boolean follow,
        boolean timestamps,
        boolean details,
        Instant since,
        Instant until,
        long tail) {

    /** Everything up to now, whatever is written while it is read. */
    public static LogQuery upToNow(boolean stdout, boolean stderr) {
        return new LogQuery(stdout, stderr, false, false, false, null, Instant.now(), -1);
    }

    /**
     * Reads the query parameters as Docker does.
     *
     * @param parameter value by name, null where absent
     * @throws AgentFailure BAD_REQUEST for neither stream, or a time that is none
     */
    public static LogQuery parse(UnaryOperator<String> parameter) {
        boolean stdout = truth(parameter.apply("stdout"));
        boolean stderr = truth(parameter.apply("stderr"));
        if (!stdout && !stderr) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST, "Bad parameters: you must choose at least one stream");
        }
        return new LogQuery(
                stdout,
                stderr,
                truth(parameter.apply("follow")),
                truth(parameter.apply("timestamps")),
                truth(parameter.apply("details")),
                time(parameter.apply("since")),
                time(parameter.apply("until")),
                tail(parameter.apply("tail")));
    }

    /** As Docker reads booleans: anything but these is true. */
    public static boolean truth(String text) {
        return text != null
                && switch (text.strip().toLowerCase(java.util.Locale.ROOT)) {
                    case "", "0", "no", "false", "none" -> false;
                    default -> true;
                };
    }

    /** Seconds since 1970, with up to nine decimals. 0 means not set. */
    private static Instant time(String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        if (!text.matches("-?\\d{1,12}(\\.\\d{1,9})?")) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid value for a time: " + text);
        }
        int point = text.indexOf('.');
        long seconds = Long.parseLong(point < 0 ? text : text.substring(0, point));
        String decimals = point < 0 ? "" : text.substring(point + 1);
        long nanos = Long.parseLong((decimals + "000000000").substring(0, 9));
        return seconds == 0 && nanos == 0 ? null : Instant.ofEpochSecond(seconds, nanos);
    }

    /** Docker takes everything that is not a number for all. */
    private static long tail(String text) {
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }
}
