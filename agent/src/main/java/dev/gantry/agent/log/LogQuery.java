package dev.gantry.agent.log;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.query.QueryValue;
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * What a client wants of a log.
 *
 * @param since entries from this time on; null for all
 * @param until entries up to this time; null for all
 * @param timestamps each line begins with its time
 * @param details behind its time each line has the log's attributes, if there are any, and a space
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
     * @throws AgentFailure BAD_REQUEST for neither stream
     * @throws dev.gantry.agent.api.query.InvalidQuery for a time that is none
     */
    public static LogQuery parse(UnaryOperator<String> parameter) {
        boolean stdout = QueryValue.flag(parameter.apply("stdout"));
        boolean stderr = QueryValue.flag(parameter.apply("stderr"));
        if (!stdout && !stderr) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST, "Bad parameters: you must choose at least one stream");
        }
        return new LogQuery(
                stdout,
                stderr,
                QueryValue.flag(parameter.apply("follow")),
                QueryValue.flag(parameter.apply("timestamps")),
                QueryValue.flag(parameter.apply("details")),
                QueryValue.time("since", parameter.apply("since")),
                QueryValue.time("until", parameter.apply("until")),
                tail(parameter.apply("tail")));
    }

    /** Docker takes everything that is not a number for all. */
    private static long tail(String text) {
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }
}
