package dev.gantry.container.run;

import dev.gantry.container.create.ContainerNames;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** {@code POST /containers/{id}/rename}, in one transaction. */
@ApplicationScoped
public class RenameContainer {
    private static final String HOLDER = "select c.id from ContainerEntity c where c.name = :name";
    private static final String ALLOCATING = "Error when allocating new name: ";
    private final Operations operations;
    private final ContainerFacts facts;

    RenameContainer(Operations operations, ContainerFacts facts) {
        this.operations = operations;
        this.facts = facts;
    }

    public Uni<Void> rename(String reference, String wanted) {
        if (wanted == null || wanted.isEmpty()) {
            throw new EngineError.BadParameter("Neither old nor new names may be empty");
        }
        return operations.idle(reference, (session, container) -> {
            String name = checked(wanted);
            if (container.name.equals(name)) {
                throw new EngineError.BadParameter("Renaming a container with the same name as its current name");
            }
            return session.createSelectionQuery(HOLDER, String.class)
                    .setParameter("name", name)
                    .getSingleResultOrNull()
                    .chain(holder -> {
                        if (holder != null) {
                            throw new EngineError.Conflict(ALLOCATING
                                    + ContainerNames.taken(name, holder).getMessage());
                        }
                        Map<String, String> old = Map.of("oldName", "/" + container.name);
                        container.name = name;
                        return facts.append(session, container, "rename", old);
                    });
        });
    }

    private static String checked(String wanted) {
        try {
            return ContainerNames.check(wanted.startsWith("/") ? wanted : "/" + wanted);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter(ALLOCATING + e.getMessage());
        }
    }
}
