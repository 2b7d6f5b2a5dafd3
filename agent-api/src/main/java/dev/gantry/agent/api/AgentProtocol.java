package dev.gantry.agent.api;

/** Names that both ends of the agent protocol must agree on. */
public final class AgentProtocol {
    /** Version in every path ({@code /v1/...}); an agent refuses other versions with 404. */
    public static final int VERSION = 1;

    public static final String PREFIX = "/v" + VERSION;

    /** Header with the operation id: a repeat with the same id returns the first result and does nothing. */
    public static final String OPERATION_HEADER = "Gantry-Operation";

    /** Header with the request id, carried from the gateway to every log line. */
    public static final String REQUEST_ID_HEADER = "X-Request-Id";

    /** Where every log line has it: the key in the mapped diagnostic context. */
    public static final String REQUEST_ID_LOG_KEY = "requestId";

    /** Header with who asked for the request: printable ASCII, at most {@link #LONGEST_ACTOR} characters. */
    public static final String ACTOR_HEADER = "Gantry-Actor";

    public static final int LONGEST_ACTOR = 2100;

    /** Where every log line has who asked. */
    public static final String ACTOR_LOG_KEY = "actor";

    private AgentProtocol() {}
}
