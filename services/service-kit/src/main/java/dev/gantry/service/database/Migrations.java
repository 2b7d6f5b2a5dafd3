package dev.gantry.service.database;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Brings the schemas of the services in this process up to date before anything asks the database. Not by Quarkus'
 * extension: that wants a pooled datasource for each schema, whose connections nobody needs afterwards.
 */
@Singleton
final class Migrations {
    /** After the check of settings, before consumers of facts (1,000) and everything else. */
    private static final int BEFORE_ALL_USE = 10;

    private static final int CONNECT_SECONDS = 10;

    void migrate(
            @Observes @Priority(BEFORE_ALL_USE) StartupEvent event, @All List<ServiceSchema> schemas, Config config) {
        if (!schemas.isEmpty()) {
            PGSimpleDataSource database = database(config);
            schemas.forEach(schema -> migrate(schema, database));
        }
    }

    private static void migrate(ServiceSchema schema, PGSimpleDataSource database) {
        List<String> locations = new ArrayList<>(List.of("classpath:schema/" + schema.name()));
        if (schema.hasOutbox()) {
            locations.add("classpath:schema/outbox");
        }
        Flyway.configure()
                .dataSource(database)
                .schemas(schema.name())
                .locations(locations.toArray(String[]::new))
                // The outbox and the service's own tables have versions that do not know of each other.
                .outOfOrder(true)
                .load()
                .migrate();
    }

    private static PGSimpleDataSource database(Config config) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(config.getValue("gantry.postgres.jdbc-url", String.class));
        config.getOptionalValue("gantry.postgres.username", String.class).ifPresent(database::setUser);
        config.getOptionalValue("gantry.postgres.password", String.class).ifPresent(database::setPassword);
        database.setConnectTimeout(CONNECT_SECONDS);
        return database;
    }
}
