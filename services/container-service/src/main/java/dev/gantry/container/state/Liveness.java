package dev.gantry.container.state;

import io.smallrye.mutiny.Uni;
import java.time.Duration;

/** Ends waits for a host that is gone. */
public interface Liveness {
    /** How long a host may be away while somebody waits for something that takes moments. */
    Duration PATIENCE = Duration.ofSeconds(8);

    /**
     * @param patience how long the host may be away, in whole seconds
     * @return the work's result; fails with {@code Unavailable} when the host is away for that long meanwhile
     */
    <T> Uni<T> whileAlive(String host, Duration patience, Uni<T> work);
}
