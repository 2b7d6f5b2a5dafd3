package dev.gantry.network.address;

import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * The subnets that networks have, and the lock under which one more is given. Those of networks that were removed are free: a host
 * that has one of them still takes it down before it is told of another.
 */
public final class TakenSubnets {
    /** Any number that nothing else in this database locks. */
    private static final String LOCK = "select count(*) from (select pg_advisory_xact_lock(7010)) as held";

    private static final String SUBNETS = "select subnet from network.networks where subnet is not null"
            + " union select subnet6 from network.networks where subnet6 is not null"
            + " union select split_part(unnest(further), ' ', 1) from network.networks"
            + " union select subnet from network.networks_on_hosts where subnet is not null and not gone";

    private TakenSubnets() {}

    /** Waits until nobody else makes a network or gives one a place, and keeps others waiting until the transaction ends. */
    public static Uni<Void> lock(Mutiny.Session session) {
        return session.createNativeQuery(LOCK, Long.class).getSingleResult().replaceWithVoid();
    }

    /** In CIDR form. */
    public static Uni<List<String>> all(Mutiny.Session session) {
        return session.createNativeQuery(SUBNETS, String.class).getResultList();
    }
}
