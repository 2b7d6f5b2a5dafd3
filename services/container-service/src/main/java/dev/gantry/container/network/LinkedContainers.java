package dev.gantry.container.network;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Linked;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.LinkEntity;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.AttachedEndpoint;
import dev.gantry.engine.network.Networks.Attachment;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * What containers of the default network are linked to, and are told of it: a line in {@code /etc/hosts} and variables, as
 * of their start.
 */
@ApplicationScoped
public class LinkedContainers {
    private static final String NETWORK = "bridge";

    private static final String LINKS = "from LinkEntity l where l.containerId = :container order by l.alias";

    /** A quarter of the usual stack, as much as the kernel takes of arguments and variables: execve(2). */
    private static final long MOST_CHARACTERS = 2 << 20;

    private final Mutiny.SessionFactory sessions;

    LinkedContainers(Mutiny.SessionFactory sessions) {
        this.sessions = sessions;
    }

    /**
     * The attachment with what the container is to be told. Fails with {@code Failed} in dockerd's words while one of them
     * does not run.
     */
    public Uni<Attachment> tell(ContainerEntity container, Attachment attachment) {
        return tell(container, attachment, (link, target) -> Optional.of(linked(container, link.alias, target)));
    }

    /** The same for one that runs: of those that do not, it knows what it knew. */
    public Uni<Attachment> tellAgain(ContainerEntity container, Attachment attachment) {
        List<Linked> before = container.attachment() == null
                ? List.of()
                : container.attachment().plan().linked();
        return tell(container, attachment, (link, target) -> {
            try {
                return Optional.of(linked(container, link.alias, target));
            } catch (EngineError.Failed away) {
                return before.stream()
                        .filter(known -> known.names().getFirst().equals(link.alias))
                        .findFirst();
            }
        });
    }

    private interface Knowledge {
        /** Empty for nothing. */
        Optional<Linked> of(LinkEntity link, ContainerEntity target);
    }

    private Uni<Attachment> tell(ContainerEntity container, Attachment attachment, Knowledge knowledge) {
        List<String> asked = container.hostConfig().links();
        if (asked == null || asked.isEmpty() || onBridge(attachment).isEmpty()) {
            return Uni.createFrom().item(attachment);
        }
        return sessions.withSession(session -> session.createSelectionQuery(LINKS, LinkEntity.class)
                        .setParameter("container", container.id)
                        .getResultList())
                .chain(links -> tell(links, knowledge))
                .map(linked -> new Attachment(
                        attachment.plan().withLinked(linked), attachment.endpoints(), attachment.ports()));
    }

    /** One by one: each may have megabytes of settings. */
    private Uni<List<Linked>> tell(List<LinkEntity> links, Knowledge knowledge) {
        List<Linked> all = new ArrayList<>();
        Uni<Void> done = Uni.createFrom().voidItem();
        for (LinkEntity link : links) {
            done = done.chain(() -> sessions.withSession(session -> session.find(ContainerEntity.class, link.targetId)))
                    .onItem()
                    .ifNotNull()
                    .invoke(target -> {
                        knowledge.of(link, target).ifPresent(all::add);
                        requireRoom(all);
                    })
                    .replaceWithVoid();
        }
        return done.replaceWith(all);
    }

    private static void requireRoom(List<Linked> all) {
        long characters = all.stream()
                .flatMap(linked -> linked.environment().stream())
                .mapToLong(String::length)
                .sum();
        if (characters > MOST_CHARACTERS) {
            throw new EngineError.Failed(
                    "the links bring more variables than a process can have: argument list too long");
        }
    }

    private static Linked linked(ContainerEntity container, String alias, ContainerEntity target) {
        String name = "/" + container.name + "/" + alias;
        if (!AskedNetworks.of(target).has(NETWORK)) {
            throw notOnBridge(target);
        }
        if (!(target.state() instanceof ContainerState.Alive)) {
            throw new EngineError.Failed("Cannot link to a non running container: /" + target.name + " AS " + name);
        }
        String address = onBridge(target.attachment())
                .orElseThrow(() -> notOnBridge(target))
                .ipAddress();
        Set<String> names = new LinkedHashSet<>(List.of(alias, target.config().hostname(), target.name));
        names.remove("");
        return new Linked(address, List.copyOf(names), LinkVariables.of(name, address, target.config()));
    }

    private static EngineError notOnBridge(ContainerEntity target) {
        return new EngineError.Failed(
                "Cannot link to /" + target.name + ", as it does not belong to the default network");
    }

    private static Optional<AttachedEndpoint> onBridge(Attachment attachment) {
        return attachment == null
                ? Optional.empty()
                : attachment.endpoints().stream()
                        .filter(endpoint -> endpoint.networkName().equals(NETWORK))
                        .findFirst();
    }

    /** Whether the plan tells the same addresses. */
    static boolean isSame(NetworkPlan one, NetworkPlan other) {
        return one.linked().equals(other.linked());
    }

    /** Ids of the running containers that are linked to one. */
    public Uni<List<String>> linkedTo(String targetId) {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "select l.containerId from LinkEntity l where l.targetId = :target", String.class)
                .setParameter("target", targetId)
                .getResultList());
    }

    /**
     * The id of the container that another one calls that.
     *
     * @return null for none
     */
    public Uni<String> target(String containerId, String alias) {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "select l.targetId from LinkEntity l where l.containerId = :container and l.alias = :alias",
                        String.class)
                .setParameter("container", containerId)
                .setParameter("alias", alias)
                .getSingleResultOrNull());
    }

    public Uni<Void> remove(String containerId, String alias) {
        return sessions.withTransaction(session -> session.createMutationQuery(
                        "delete from LinkEntity l where l.containerId = :container and l.alias = :alias")
                .setParameter("container", containerId)
                .setParameter("alias", alias)
                .executeUpdate()
                .replaceWithVoid());
    }
}
