package dev.gantry.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What other services ask of container-service and have it do. Commands take a container's id or name, are carried through
 * also when nobody waits for their end any more, and refuse as the Docker Engine API does.
 */
public interface Containers {
    Uni<ContainerResults.Created> create(Creation wish);

    /** Fails with {@code NotModified} when it runs already. */
    Uni<Void> start(String reference);

    /** Ends when the process has ended; fails with {@code NotModified} when none runs. */
    Uni<Void> stop(String reference, Stop how);

    Uni<Void> remove(String reference, Removal how);

    /** Brings it to a network, whether it runs or not. */
    Uni<Void> connect(String reference, Connection how);

    /** Takes it from a network, whether it runs or not. */
    Uni<Void> disconnect(String reference, Departure how);

    /** The exit code, once the condition holds, however long that takes. */
    Uni<Long> await(String reference, Condition condition);

    /** The containers made of an image, for deciding whether it may be removed. */
    Uni<List<ContainerUse>> usingImage(String imageId);

    /** What has become of these containers; those that do not exist are left out. */
    Uni<List<Standing>> standing(List<String> ids);

    /** How many containers are to run on each host, by its id; a host without any is left out. */
    Uni<Map<String, Long>> load();

    /** Figures for {@code docker info}. */
    Uni<Counts> counts();

    /**
     * A container as others need to know it.
     *
     * @param id 64 hex digits
     * @param name without the leading slash
     * @param imageReference as the client wrote it at create
     */
    record ContainerUse(String id, String name, String imageReference, boolean running) {}

    /**
     * @param name null or empty for a generated one
     * @param platform {@code os[/arch[/variant]]}, or empty for the host's own
     * @param body as that of {@code POST /containers/create}
     * @param version whose defaults and rules apply
     */
    record Creation(String name, String platform, JsonNode body, ApiVersion version) {}

    /**
     * @param signal name or number; null for the container's own
     * @param timeoutSeconds before it is killed; negative for never, null for the container's own
     */
    record Stop(String signal, Integer timeoutSeconds) {}

    /**
     * @param force kill it when it runs
     * @param volumes remove its anonymous volumes, too
     */
    record Removal(boolean force, boolean volumes) {}

    /**
     * @param network by name, id, or the beginning of the id
     * @param settings what it wants there; null for nothing
     */
    record Connection(String network, EndpointSettings settings) {}

    /**
     * @param network as the client wrote it
     * @param force also where the network is no more
     */
    record Departure(String network, boolean force) {}

    /** What is waited for; {@code NEXT_EXIT} counts exits after the wait began. */
    enum Condition {
        NOT_RUNNING("not-running"),
        NEXT_EXIT("next-exit"),
        REMOVED("removed");

        private final String word;

        Condition(String word) {
            this.word = word;
        }

        /** As the API has it. */
        public String word() {
            return word;
        }

        /** Reads the API's word; null and empty mean {@code not-running}. */
        public static Condition parse(String word) {
            if (word == null || word.isEmpty()) {
                return NOT_RUNNING;
            }
            return Arrays.stream(values())
                    .filter(condition -> condition.word.equals(word))
                    .findFirst()
                    .orElseThrow(() -> new EngineError.BadParameter("invalid condition: \"" + word + "\""));
        }
    }

    /**
     * Whether what a container was given is still in use.
     *
     * @param name without the leading slash
     * @param active it runs, waits for its restart policy, or is being started
     */
    record Standing(String id, String name, boolean active) {}

    record Counts(long running, long paused, long stopped) {
        public long total() {
            return running + paused + stopped;
        }
    }
}
