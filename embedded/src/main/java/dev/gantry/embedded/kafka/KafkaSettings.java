package dev.gantry.embedded.kafka;

import dev.gantry.embedded.Durability;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;

/** Broker and controller in one, reachable by loopback only, with the threads and buffers that one machine needs. */
final class KafkaSettings {
    static final int NODE_ID = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";
    static final String USER = "gantry";
    static final int SESSION_MILLIS = 120_000;

    private KafkaSettings() {}

    /** @param secret password of {@link #USER}, whom alone it serves */
    static Properties of(Path data, int brokerPort, int controllerPort, String secret, Durability durability) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("listeners", "BROKER://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        access(settings, secret);
        settings.put("log.dirs", data.toString());
        durability(settings, durability);
        topics(settings);
        sessions(settings);
        size(settings);
        return settings;
    }

    /**
     * Loopback is open to every process of the machine and to containers on the host's network, and so to whoever takes
     * the port while we are away: with SCRAM neither side ever shows the secret to the other.
     */
    private static void access(Properties settings, String secret) {
        String mechanism = ScramCredentials.MECHANISM.mechanismName();
        settings.put("listener.security.protocol.map", "BROKER:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT");
        settings.put("sasl.enabled.mechanisms", mechanism);
        settings.put("sasl.mechanism.inter.broker.protocol", mechanism);
        settings.put("sasl.mechanism.controller.protocol", mechanism);
        for (String listener : List.of("broker", "controller")) {
            String prefix = "listener.name." + listener + "." + mechanism.toLowerCase(Locale.ROOT) + ".";
            settings.put(prefix + "sasl.jaas.config", login(secret));
            settings.put(prefix + "sasl.server.callback.handler.class", ScramCredentials.class.getName());
        }
        settings.put("authorizer.class.name", StandardAuthorizer.class.getName());
        settings.put("super.users", "User:" + USER);
        settings.put("allow.everyone.if.no.acl.found", "false");
    }

    static String login(String secret) {
        return ScramLoginModule.class.getName() + " required username=\"" + USER + "\" password=\"" + secret + "\";";
    }

    /**
     * There is no second replica to fall back on, so an acknowledged record is on disk: flushed one by one. Services
     * publish from their outbox, beside any request, so no client waits for it.
     */
    private static void durability(Properties settings, Durability durability) {
        if (durability == Durability.DURABLE) {
            settings.put("log.flush.interval.messages", "1");
        }
        settings.put("min.insync.replicas", "1");
        settings.put("default.replication.factor", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
    }

    /** Events are the audit trail: kept for good unless someone sets a retention on the topic. */
    private static void topics(Properties settings) {
        settings.put("auto.create.topics.enable", "true");
        settings.put("num.partitions", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("log.retention.ms", "-1");
        settings.put("log.retention.bytes", "-1");
        settings.put("log.segment.bytes", Integer.toString(64 << 20));
        settings.put("offsets.retention.minutes", Integer.toString(60 * 24 * 365));
    }

    /**
     * Nobody takes over from the only broker, so its session ends late: on a machine whose cores are all busy its
     * heartbeats may be seconds late. A restart does not wait for it, see {@link KafkaNode}.
     */
    private static void sessions(Properties settings) {
        settings.put("broker.session.timeout.ms", Integer.toString(SESSION_MILLIS));
        settings.put("broker.heartbeat.interval.ms", "2000");
        settings.put("initial.broker.registration.timeout.ms", "120000");
        settings.put("controller.quorum.request.timeout.ms", "30000");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("group.min.session.timeout.ms", "1000");
        settings.put("controlled.shutdown.enable", "false");
    }

    private static void size(Properties settings) {
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "1");
        settings.put("num.replica.fetchers", "1");
        settings.put("num.recovery.threads.per.data.dir", "1");
        settings.put("group.coordinator.threads", "1");
        settings.put("share.coordinator.threads", "1");
        settings.put("socket.send.buffer.bytes", "-1");
        settings.put("socket.receive.buffer.bytes", "-1");
        settings.put("log.cleaner.threads", "1");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
        settings.put("log.cleaner.io.buffer.size", Integer.toString(128 << 10));
        settings.put("log.index.size.max.bytes", Integer.toString(1 << 20));
        settings.put("offsets.load.buffer.size", Integer.toString(1 << 20));
        settings.put("metric.reporters", "");
        settings.put("telemetry.max.bytes", Integer.toString(64 << 10));
    }
}
