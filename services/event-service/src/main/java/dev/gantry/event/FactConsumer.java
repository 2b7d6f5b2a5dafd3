package dev.gantry.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.outbox.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Takes facts from Kafka into the log. A batch is acknowledged once it is stored; with the database away it waits. What
 * is delivered twice is stored once, by its id.
 */
@ApplicationScoped
class FactConsumer {
    private static final Logger LOG = Logger.getLogger(FactConsumer.class);

    private final EventLog log;
    private final EventTail tail;
    private final ObjectMapper json;

    FactConsumer(EventLog log, EventTail tail, ObjectMapper json) {
        this.log = log;
        this.tail = tail;
        this.json = json;
    }

    /** Facts of one batch come from several topics: their own times put them in order. */
    @Incoming("event-service-facts")
    Uni<Void> store(ConsumerRecords<String, String> records) {
        List<LogEntry> entries = new ArrayList<>(records.count());
        for (ConsumerRecord<String, String> received : records) {
            read(received, entries);
        }
        Map<TopicPartition, Long> positions = new HashMap<>();
        records.partitions()
                .forEach(partition -> positions.put(
                        partition, records.records(partition).getLast().offset() + 1));
        entries.sort(Comparator.comparingLong(LogEntry::atNanos));
        return Uni.createFrom()
                .deferred(() -> log.append(entries, positions))
                .onFailure()
                .invoke(e -> LOG.warnf("cannot store %d events, trying again: %s", entries.size(), e.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(2))
                .indefinitely()
                .invoke(tail::appended)
                .replaceWithVoid();
    }

    /** A message that is not ours to read must not stop those behind it. */
    private void read(ConsumerRecord<String, String> received, List<LogEntry> into) {
        try {
            if (received.value() != null) {
                into.add(LogEntry.of(json.readValue(received.value(), CloudEvent.class)));
            }
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.errorf(
                    "message %s-%d@%d is not an event of ours: %s",
                    received.topic(), received.partition(), received.offset(), e.getMessage());
        }
    }
}
