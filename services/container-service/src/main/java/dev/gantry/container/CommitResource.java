package dev.gantry.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.container.commit.CommitContainer;
import dev.gantry.container.create.CreateRequest;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestQuery;

/** {@code POST /commit}. */
@Path("/commit")
public class CommitResource {
    private final CommitContainer commit;
    private final Background background;

    CommitResource(CommitContainer commit, Background background) {
        this.commit = commit;
        this.background = background;
    }

    @POST
    @ResponseStatus(201)
    public Uni<ContainerResults.Committed> commit(
            @RestQuery String container,
            @RestQuery String repo,
            @RestQuery String tag,
            @RestQuery String author,
            @RestQuery String comment,
            @RestQuery String pause,
            @RestQuery List<String> changes,
            JsonNode body) {
        CommitContainer.Wish wish = new CommitContainer.Wish(
                repo,
                tag,
                author == null ? "" : author,
                comment == null ? "" : comment,
                QueryValue.flag(pause, true),
                CreateRequest.configIn(body),
                changes == null ? List.of() : changes);
        return background
                .await(() -> commit.commit(container == null ? "" : container, wish))
                .map(ContainerResults.Committed::new);
    }
}
