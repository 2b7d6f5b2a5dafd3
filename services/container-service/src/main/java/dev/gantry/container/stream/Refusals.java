package dev.gantry.container.stream;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.stream.UpgradeRefused;
import dev.gantry.container.state.StoredJson;
import java.io.IOException;

/** A stream that the host refused, as the failure it tells of. */
public final class Refusals {
    private Refusals() {}

    public static Throwable read(Throwable failure) {
        return switch (failure) {
            case UpgradeRefused refused -> read(refused);
            case IOException away ->
                new AgentFailure(AgentFailure.Code.UNREACHABLE, "the host's agent cannot be reached", away);
            default -> failure;
        };
    }

    private static AgentFailure read(UpgradeRefused refused) {
        try {
            AgentFailure.Body body = StoredJson.read(refused.body().toString(), AgentFailure.Body.class);
            if (body.code() != null) {
                return new AgentFailure(body.code(), body.message());
            }
        } catch (IllegalStateException e) {
            // Not the agent's own words; the status has to do.
        }
        return new AgentFailure(AgentFailure.Code.INTERNAL, "the agent answered " + refused.status());
    }
}
