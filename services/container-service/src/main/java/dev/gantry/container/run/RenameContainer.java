package dev.gantry.container.run;

import dev.gantry.container.create.ContainerNames;
import dev.gantry.container.network.ChangeNetworks;
import dev.gantry.container.network.ChangeNetworks.Change;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** {@code POST /containers/{id}/rename}, in one transaction; one that has names on networks gets others there. */
@ApplicationScoped
public class RenameContainer {
    private static final Logger LOG = Logger.getLogger(RenameContainer.class);
    private static final String HOLDER = "select c.id from ContainerEntity c where c.name = :name";
    private static final String ALLOCATING = "Error when allocating new name: ";
    private final Operations operations;
    private final ContainerFacts facts;
    private final ChangeNetworks networks;

    RenameContainer(Operations operations, ContainerFacts facts, ChangeNetworks networks) {
        this.operations = operations;
        this.facts = facts;
        this.networks = networks;
    }

    /** Others on its networks find it by its new name once this has ended. */
    public Uni<Void> rename(String reference, String wanted) {
        if (wanted == null || wanted.isEmpty()) {
            throw new EngineError.BadParameter("Neither old nor new names may be empty");
        }
        return operations
                .idle(reference, (session, container) -> rename(session, container, wanted))
                .chain(renamed -> networks.carryOut(renamed).onFailure().recoverWithUni(failure -> {
                    LOG.warnf("%s is not found by its new name yet: %s", wanted, failure.getMessage());
                    return Uni.createFrom().voidItem();
                }));
    }

    private Uni<Change> rename(Mutiny.Session session, ContainerEntity container, String wanted) {
        String name = checked(wanted);
        if (container.name.equals(name)) {
            throw new EngineError.BadParameter("Renaming a container with the same name as its current name");
        }
        return session.createSelectionQuery(HOLDER, String.class)
                .setParameter("name", name)
                .getSingleResultOrNull()
                .chain(holder -> {
                    if (holder != null) {
                        throw new EngineError.Conflict(
                                ALLOCATING + ContainerNames.taken(name, holder).getMessage());
                    }
                    Map<String, String> old = Map.of("oldName", "/" + container.name);
                    container.name = name;
                    return facts.append(session, container, "rename", old)
                            .map(told -> hasNames(container) ? networks.begin(container, container.endpoints) : null);
                });
    }

    private static boolean hasNames(ContainerEntity container) {
        Networks.Attachment attachment = container.attachment();
        return attachment != null && attachment.endpoints().stream().anyMatch(endpoint -> endpoint.dnsNames() != null);
    }

    private static String checked(String wanted) {
        try {
            return ContainerNames.check(wanted.startsWith("/") ? wanted : "/" + wanted);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter(ALLOCATING + e.getMessage());
        }
    }
}
