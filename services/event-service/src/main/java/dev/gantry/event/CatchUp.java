package dev.gantry.event;

import dev.gantry.service.outbox.KafkaAccess;
import dev.gantry.service.outbox.OutboxRelay;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Waits until all that has happened is in the log, so that {@code docker events --until 0s} does not miss what the command
 * before it did: every relay is asked to publish what its outbox holds, then the log must have reached the end of every
 * topic. However busy the machine is, that is waited for as long as it can come: with Kafka away, or a service whose
 * outbox nobody publishes, it cannot.
 */
@ApplicationScoped
class CatchUp {
    private static final Logger LOG = Logger.getLogger(CatchUp.class);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    /** How long Kafka may take to answer at all. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration LOOK_WHETHER_HOPELESS = Duration.ofSeconds(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private static final String ASK = "select pg_notify(o || '_outbox', $2) from unnest($1::text[]) o";

    /** Relays hold a lock with these two keys while they work. */
    private static final String UNATTENDED =
            """
            select o from unnest($1::text[]) o where not exists (
                select from pg_locks l
                where l.locktype = 'advisory' and l.objsubid = 2 and l.granted
                  and l.classid = (hashtext('gantry outbox')::bigint & 4294967295)::oid
                  and l.objid = (hashtext(o)::bigint & 4294967295)::oid)
            """;

    private final EventLog log;
    private final Pool database;
    private final Vertx vertx;
    private final List<String> outboxes;
    private final List<String> topics;
    private final String group;
    private final Map<String, Object> kafka;
    private final Map<String, Question> questions = new ConcurrentHashMap<>();
    private Admin admin;

    /** @param missing outboxes that have not answered yet */
    private record Question(Set<String> missing, CompletableFuture<Void> answered) {}

    CatchUp(
            EventLog log,
            Pool database,
            Vertx vertx,
            @ConfigProperty(name = "gantry.event-service.outboxes") List<String> outboxes,
            @ConfigProperty(name = "mp.messaging.incoming.event-service-facts.topics") List<String> topics,
            @ConfigProperty(name = "mp.messaging.incoming.event-service-facts.group.id") String group,
            @Identifier(KafkaAccess.CHANNELS) Map<String, Object> kafka) {
        this.log = log;
        this.database = database;
        this.vertx = vertx;
        this.outboxes = outboxes;
        this.topics = topics;
        this.group = group;
        this.kafka = kafka;
    }

    Uni<Void> await() {
        Uni<Void> all = published()
                .chain(() -> Uni.createFrom().completionStage(this::ends))
                .chain(this::reached);
        return Uni.combine()
                .any()
                .of(all, hopeless(Set.of()))
                .ifNoItem()
                .after(LONGEST)
                .fail()
                .onFailure()
                .invoke(e -> LOG.infof("some events may be on their way still: %s", e))
                .onFailure()
                .recoverWithNull();
    }

    /**
     * Fails once Kafka does not answer; never completes. Who waits for an outbox without a relay waits no longer, but a relay
     * that is only connecting anew is asked again: it does not hear what was asked meanwhile.
     *
     * @param before outboxes without a relay at the last look
     */
    private Uni<Void> hopeless(Set<String> before) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(LOOK_WHETHER_HOPELESS)
                .chain(() -> Uni.createFrom().completionStage(this::anyAnswer))
                .chain(answer -> database.preparedQuery(UNATTENDED).execute(Tuple.of(outboxes.toArray(String[]::new))))
                .chain(rows -> {
                    Set<String> unattended = new HashSet<>();
                    rows.forEach(row -> unattended.add(row.getString(0)));
                    unattended.stream()
                            .filter(before::contains)
                            .forEach(outbox -> questions.keySet().forEach(id -> answered(id, outbox)));
                    return Multi.createFrom()
                            .iterable(List.copyOf(questions.entrySet()))
                            .onItem()
                            .transformToUniAndConcatenate(open -> ask(
                                    open.getKey(), Set.copyOf(open.getValue().missing())))
                            .collect()
                            .last()
                            .chain(() -> hopeless(unattended));
                });
    }

    private Uni<Void> ask(String id, Collection<String> missing) {
        return database.preparedQuery(ASK)
                .execute(Tuple.of(missing.toArray(String[]::new), OutboxRelay.QUESTION + id))
                .replaceWithVoid();
    }

    private CompletionStage<?> anyAnswer() {
        return vertx.executeBlocking(this::admin).toCompletionStage().thenCompose(client -> client.describeCluster(
                        new DescribeClusterOptions().timeoutMs((int) PATIENCE.toMillis()))
                .clusterId()
                .toCompletionStage());
    }

    private Uni<Void> published() {
        String id = UUID.randomUUID().toString();
        Question question = new Question(ConcurrentHashMap.newKeySet(), new CompletableFuture<>());
        question.missing().addAll(outboxes);
        questions.put(id, question);
        return ask(id, outboxes)
                .chain(() -> Uni.createFrom().completionStage(question.answered()))
                .onTermination()
                .invoke(() -> questions.remove(id));
    }

    /** @param answer as {@link OutboxRelay} gives it: the question's id and the outbox */
    void answered(String answer) {
        String[] words = answer.split(" ", 2);
        answered(words[0], words[1]);
    }

    private void answered(String id, String outbox) {
        Question question = questions.get(id);
        if (question != null
                && question.missing().remove(outbox)
                && question.missing().isEmpty()) {
            question.answered().complete(null);
        }
    }

    /** Offsets behind the last message of the topics, of those that are not known to be stored. */
    private CompletionStage<Map<TopicPartition, Long>> ends() {
        return vertx.executeBlocking(this::admin).toCompletionStage().thenCompose(client -> partitions(client)
                .thenCompose(partitions -> ends(client, partitions))
                .thenCombine(committed(client), CatchUp::without));
    }

    private static CompletionStage<Map<TopicPartition, Long>> ends(Admin client, List<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        return client.listOffsets(latest).all().toCompletionStage().thenApply(found -> {
            Map<TopicPartition, Long> ends = new HashMap<>();
            found.forEach((partition, end) -> ends.put(partition, end.offset()));
            return ends;
        });
    }

    /** Committed some seconds after it is stored, but also what was stored before the log kept positions. */
    private CompletionStage<Map<TopicPartition, OffsetAndMetadata>> committed(Admin client) {
        return client.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .toCompletionStage();
    }

    private static Map<TopicPartition, Long> without(
            Map<TopicPartition, Long> ends, Map<TopicPartition, OffsetAndMetadata> committed) {
        committed.forEach((partition, offset) ->
                ends.computeIfPresent(partition, (key, end) -> offset != null && offset.offset() >= end ? null : end));
        return ends;
    }

    private CompletionStage<List<TopicPartition>> partitions(Admin client) {
        CompletionStage<List<TopicPartition>> all = CompletableFuture.completedStage(new ArrayList<>());
        for (KafkaFuture<TopicDescription> topic :
                client.describeTopics(topics).topicNameValues().values()) {
            // The first to need a topic makes it.
            CompletionStage<TopicDescription> found = topic.toCompletionStage().exceptionally(missing -> null);
            all = all.thenCombine(found, CatchUp::with);
        }
        return all;
    }

    private static List<TopicPartition> with(List<TopicPartition> partitions, TopicDescription topic) {
        if (topic != null) {
            topic.partitions().forEach(info -> partitions.add(new TopicPartition(topic.name(), info.partition())));
        }
        return partitions;
    }

    private Uni<Void> reached(Map<TopicPartition, Long> ends) {
        return log.positions().chain(positions -> {
            boolean all = ends.entrySet().stream()
                    .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
            return all
                    ? Uni.createFrom().voidItem()
                    : Uni.createFrom()
                            .voidItem()
                            .onItem()
                            .delayIt()
                            .by(LOOK_AGAIN)
                            .chain(() -> reached(ends));
        });
    }

    private synchronized Admin admin() {
        if (admin == null) {
            Map<String, Object> settings = new HashMap<>(kafka);
            settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
            settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LONGEST.toMillis());
            settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000L);
            admin = Admin.create(settings);
        }
        return admin;
    }

    @PreDestroy
    synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
