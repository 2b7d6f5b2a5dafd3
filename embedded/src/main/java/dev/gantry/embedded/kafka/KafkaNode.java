package dev.gantry.embedded.kafka;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Controller and broker in one, put together as {@link KafkaRaftServer} does it, with one step between their starts: the
 * broker that an earlier process registered is struck off. The controller would else refuse the new one until the old
 * one's session is over, since it cannot know that there is only ever one; and sessions must be long, or a busy machine
 * ends them.
 */
final class KafkaNode {
    private static final long CONTROLLER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final KafkaConfig configuration;
    private final ControllerServer controller;
    private final BrokerServer broker;

    KafkaNode(KafkaConfig configuration) {
        this.configuration = configuration;
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> stored =
                KafkaRaftServer.initializeLogDirs(configuration, LoggerFactory.getLogger(KafkaNode.class), "");
        Metrics metrics = Server.initializeMetrics(
                configuration, Time.SYSTEM, stored._1().clusterId().orElseThrow());
        QuorumConfig quorum = configuration.quorumConfig();
        SharedServer shared = new SharedServer(
                configuration,
                stored._1(),
                Time.SYSTEM,
                metrics,
                CompletableFuture.completedFuture(QuorumConfig.parseVoterConnections(quorum.voters())),
                QuorumConfig.parseBootstrapServers(quorum.bootstrapServers()),
                new StandardFaultHandlerFactory(),
                ServerSocketFactory.INSTANCE);
        this.broker = new BrokerServer(shared);
        this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), stored._2());
    }

    /** A start that fails leaves nothing running. */
    void start() throws Exception {
        try {
            controller.startup();
            strikeOffPredecessor();
            broker.startup();
        } catch (Exception | Error e) {
            stop();
            throw e;
        }
    }

    void stop() {
        broker.shutdown();
        controller.shutdown();
        broker.awaitShutdown();
        controller.awaitShutdown();
    }

    /** The controller itself is asked: what it has published may lag behind what it has read of its log. */
    private void strikeOffPredecessor() throws Exception {
        long deadline = System.nanoTime() + CONTROLLER_PATIENCE_NANOS;
        while (!struckOff(deadline)) {
            Thread.sleep(5);
        }
    }

    /** False while the controller, which is the only one, has not noticed yet that it leads. */
    private boolean struckOff(long deadline) throws Exception {
        ControllerRequestContext context = new ControllerRequestContext(
                new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.of(deadline));
        try {
            controller
                    .controller()
                    .unregisterBroker(context, configuration.nodeId())
                    .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotControllerException) {
                return false;
            }
            if (e.getCause() instanceof BrokerIdNotRegisteredException) {
                return true;
            }
            throw new IllegalStateException("Kafka does not forget its predecessor: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka's controller is not ready", e);
        }
    }
}
