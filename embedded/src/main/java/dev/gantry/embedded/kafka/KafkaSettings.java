package dev.gantry.embedded.kafka;

import dev.gantry.embedded.Durability;
import java.nio.file.Path;
import java.util.Properties;

/** Broker and controller in one, reachable by loopback only, with the threads and buffers that one machine needs. */
final class KafkaSettings {
    static final int NODE_ID = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private KafkaSettings() {}

    static Properties of(Path data, int brokerPort, int controllerPort, Durability durability) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("listeners", "BROKER://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", data.toString());
        durability(settings, durability);
        topics(settings);
        sessions(settings);
        size(settings);
        return settings;
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

    /** After an unclean end the controller waits until the old broker's session is over: make it short. */
    private static void sessions(Properties settings) {
        settings.put("broker.session.timeout.ms", "1000");
        settings.put("broker.heartbeat.interval.ms", "250");
        settings.put("initial.broker.registration.timeout.ms", "30000");
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
