package dev.gantry.image.catalog;

import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.hibernate.reactive.mutiny.Mutiny;

/** What images take up. */
@ApplicationScoped
class MeasureImages implements ImageUsage {
    /** A layer's content is the same wherever the same layers are below it. */
    private static final String LAYERS =
            "select coalesce(sum(l.content_size), 0)::bigint from (select distinct on (chain_id) content_size"
                    + " from image.image_layer) l";

    private final Mutiny.SessionFactory sessions;
    private final ListImages list;

    MeasureImages(Mutiny.SessionFactory sessions, ListImages list) {
        this.sessions = sessions;
        this.list = list;
    }

    @Override
    public Uni<Usage> measure(ApiVersion version) {
        return list.list(null, false, true, version).chain(images -> sessions.withSession(
                        session -> session.createNativeQuery(LAYERS, Long.class).getSingleResult())
                .map(size -> new Usage(size, images)));
    }
}
