package dev.gantry.engine.http;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * Gives the figures of every HTTP server the same tags: servers without a port lack the tag, Prometheus refuses meters
 * of one name that differ in tags, and a server whose meters are refused never starts. Requests are not among them: their
 * paths hold names and ids, each a series of its own; the gateway counts by operation.
 */
final class ServerMetrics {
    private static final String PORT = "server.port";
    private static final String REQUESTS = "http.server.requests";

    private ServerMetrics() {}

    @Produces
    @Singleton
    static MeterFilter portOfEveryServer() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                boolean lacksPort = id.getName().startsWith("http.server") && id.getTag(PORT) == null;
                return lacksPort ? id.withTag(Tag.of(PORT, "none")) : id;
            }

            @Override
            public MeterFilterReply accept(Meter.Id id) {
                return id.getName().equals(REQUESTS) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
            }
        };
    }
}
