package dev.gantry.service.database;

import io.vertx.pgclient.PgConnectOptions;
import org.eclipse.microprofile.config.Config;

/** How to reach the database outside of the pool, for connections that listen. */
public final class DatabaseOptions {
    private DatabaseOptions() {}

    /** From {@code gantry.postgres.reactive-url}, {@code .username} and {@code .password}. */
    public static PgConnectOptions from(Config config) {
        String url = config.getValue("gantry.postgres.reactive-url", String.class);
        PgConnectOptions options = PgConnectOptions.fromUri(url.replaceFirst("^vertx-reactive:", ""));
        config.getOptionalValue("gantry.postgres.username", String.class).ifPresent(options::setUser);
        config.getOptionalValue("gantry.postgres.password", String.class).ifPresent(options::setPassword);
        options.setCachePreparedStatements(true);
        options.setTcpKeepAlive(true);
        options.setConnectTimeout(5000);
        return options;
    }
}
