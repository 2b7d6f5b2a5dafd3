package dev.gantry.event;

import dev.gantry.service.fact.FactListener;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Takes facts from Kafka into the log. A batch is acknowledged once it is on the disk, which subscribers do not wait for;
 * with the database away it waits. What is delivered twice is stored once, by its id.
 */
@ApplicationScoped
class FactConsumer {
    private static final String CHANNEL = "event-service-facts";

    private final EventLog log;
    private final EventTail tail;
    private final FactListener facts;

    FactConsumer(EventLog log, EventTail tail, FactListener facts) {
        this.log = log;
        this.tail = tail;
        this.facts = facts;
    }

    /** Facts of one batch come from several topics: their own times put them in order. */
    @Incoming(CHANNEL)
    Uni<Void> store(ConsumerRecords<String, String> records) {
        List<LogEntry> entries = new ArrayList<>(records.count());
        for (ConsumerRecord<String, String> received : records) {
            facts.read(CHANNEL, received, LogEntry::of).ifPresent(entries::add);
        }
        Map<TopicPartition, Long> positions = new HashMap<>();
        records.partitions()
                .forEach(partition -> positions.put(
                        partition, records.records(partition).getLast().offset() + 1));
        entries.sort(Comparator.comparingLong(LogEntry::atNanos));
        return facts.untilItSucceeds(CHANNEL, "a batch", () -> log.append(entries)
                .invoke(tail::appended)
                .chain(() -> log.taken(positions)));
    }
}
