package dev.gantry.service.database;

import dev.gantry.agent.api.settings.RefusedStart;
import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
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
            @Observes @Priority(BEFORE_ALL_USE) StartupEvent event, @All List<ServiceSchema> schemas, Config config)
            throws SQLException {
        if (schemas.isEmpty()) {
            return;
        }
        PGSimpleDataSource database = database(config);
        try (Connection connection = database.getConnection()) {
            for (ServiceSchema schema : schemas) {
                List<String> directories = schema.hasOutbox()
                        ? List.of("schema/" + schema.name(), "schema/outbox")
                        : List.of("schema/" + schema.name());
                String scripts = "scripts " + SchemaScripts.digest(directories);
                if (!scripts.equals(noted(connection, schema))) {
                    migrate(schema, directories, database);
                    note(connection, schema, scripts);
                }
            }
        }
    }

    private static void migrate(ServiceSchema schema, List<String> directories, PGSimpleDataSource database) {
        try {
            flyway(schema, directories, database).migrate();
        } catch (FlywayValidateException e) {
            throw new RefusedStart(
                    "the schema " + schema.name() + " in the database is of another version of Gantry, and this"
                            + " one has no way from it: start that version, or remove all state with \"gantry down --all\"");
        }
    }

    private static Flyway flyway(ServiceSchema schema, List<String> directories, PGSimpleDataSource database) {
        return Flyway.configure()
                .dataSource(database)
                .schemas(schema.name())
                .locations(directories.stream()
                        .map(directory -> "classpath:" + directory)
                        .toArray(String[]::new))
                // The outbox and the service's own tables have versions that do not know of each other.
                .outOfOrder(true)
                .load();
    }

    /**
     * The scripts that made the schema what it is, as its comment: with the same ones there is nothing to do, which Flyway
     * would take a third of a second to find out of each schema.
     */
    private static String noted(Connection connection, ServiceSchema schema) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = ?")) {
            query.setString(1, schema.name());
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? found.getString(1) : null;
            }
        }
    }

    private static void note(Connection connection, ServiceSchema schema, String scripts) throws SQLException {
        try (Statement comment = connection.createStatement()) {
            comment.execute("comment on schema " + schema.name() + " is '" + scripts + "'");
        }
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
