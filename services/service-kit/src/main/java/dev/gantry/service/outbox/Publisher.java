package dev.gantry.service.outbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/**
 * The one Kafka producer of this JVM for a cluster, shared by its relays. All that may block (looking up names,
 * fetching metadata) happens on a thread of its own.
 */
final class Publisher {
    private static final Logger LOG = Logger.getLogger(Publisher.class);
    private static final Map<Map<String, Object>, Publisher> SHARED = new ConcurrentHashMap<>();

    /** Sent once to open connections and load classes, so that the first fact is not late. */
    static final String WARM_UP_TOPIC = "gantry.relays";

    private static final List<String> TOPICS =
            List.of("gantry.containers", "gantry.images", "gantry.networks", "gantry.volumes", "gantry.hosts");

    record Message(long position, String topic, String key, String value) {}

    /**
     * What became of a batch.
     *
     * @param acknowledged positions that the broker has; a prefix of the batch except for {@code rejected}
     * @param rejected positions that the broker will never take
     */
    record Outcome(List<Long> acknowledged, List<Long> rejected, boolean complete) {
        static final Outcome NOTHING = new Outcome(List.of(), List.of(), true);
    }

    private final Map<String, Object> kafka;
    private final ExecutorService sender;
    private KafkaProducer<String, String> producer;
    private boolean warm;

    private Publisher(Map<String, Object> kafka) {
        this.kafka = kafka;
        this.sender = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("outbox-publisher").factory());
    }

    static Publisher shared(Map<String, Object> kafka) {
        return SHARED.computeIfAbsent(kafka, Publisher::new);
    }

    /** In the background; does nothing the second time. A cluster that is away is warmed up by the first batch instead. */
    void warmUp() {
        sender.execute(() -> {
            if (warm) {
                return;
            }
            warm = true;
            try {
                TOPICS.forEach(producer()::partitionsFor);
                producer().send(new ProducerRecord<>(WARM_UP_TOPIC, "relay", null));
            } catch (RuntimeException e) {
                LOG.warnf(
                        "Kafka at %s is not reachable yet: %s",
                        kafka.get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG), e.getMessage());
            }
        });
    }

    /** Sends in order. Never fails: messages that are not in the outcome are to be sent again. */
    CompletionStage<Outcome> publish(List<Message> batch) {
        Sending sending = new Sending(batch.size());
        sender.execute(() -> send(batch, sending));
        return sending.outcome;
    }

    /** Hands the batch to the producer and does not wait for answers: another relay's batch may follow at once. */
    private void send(List<Message> batch, Sending sending) {
        KafkaProducer<String, String> used = null;
        try {
            used = producer();
            for (Message message : batch) {
                if (sending.failure() != null) {
                    break;
                }
                used.send(
                        new ProducerRecord<>(message.topic(), message.key(), message.value()),
                        (metadata, problem) -> sending.answered(message, problem));
            }
        } catch (RuntimeException e) {
            sending.failed(e);
        }
        if (sending.failure() != null) {
            sending.end();
        }
        KafkaProducer<String, String> producerUsed = used;
        sending.outcome.thenAccept(outcome -> {
            if (!outcome.complete()) {
                sender.execute(() -> discard(producerUsed, sending.failure()));
            }
        });
    }

    /** A batch on its way. Answers come in order, on the producer's thread. */
    private static final class Sending {
        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        private final List<Long> acknowledged = new ArrayList<>();
        private final List<Long> rejected = new ArrayList<>();
        private final int size;
        private int answers;
        private Throwable failure;

        Sending(int size) {
            this.size = size;
        }

        synchronized Throwable failure() {
            return failure;
        }

        synchronized void failed(Throwable problem) {
            failure = failure == null ? problem : failure;
        }

        /** After a failure nothing more counts as acknowledged, so that it is all sent again in order. */
        synchronized void answered(Message message, Exception problem) {
            answers++;
            if (problem instanceof RecordTooLargeException) {
                LOG.warnf(
                        "event %d about %s is too large for the broker: %s",
                        message.position(), message.key(), problem);
                rejected.add(message.position());
            } else if (problem != null) {
                failed(problem);
            } else if (failure == null) {
                acknowledged.add(message.position());
            }
            if (answers == size) {
                end();
            }
        }

        /** Answers that come later do not count. */
        synchronized void end() {
            outcome.complete(new Outcome(List.copyOf(acknowledged), List.copyOf(rejected), failure == null));
        }
    }

    /** A producer that has failed once may be unusable for good: the next batch makes a new one. */
    private void discard(KafkaProducer<String, String> used, Throwable cause) {
        if (producer == used) {
            LOG.warnf("Kafka does not take events, trying again: %s", cause.getMessage());
            producer = null;
            if (used != null) {
                used.close(Duration.ZERO);
            }
        }
    }

    private KafkaProducer<String, String> producer() {
        if (producer == null) {
            Map<String, Object> settings = new HashMap<>(kafka);
            settings.put(ProducerConfig.CLIENT_ID_CONFIG, "gantry-outbox");
            settings.put(ProducerConfig.ACKS_CONFIG, "all");
            settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
            settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
            settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
            settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
            settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
            settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
            settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8L << 20);
            producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        }
        return producer;
    }
}
