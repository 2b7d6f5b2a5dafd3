package dev.gantry.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;

/** The table of events. Numbers are given in the order in which the rows become visible. */
@ApplicationScoped
class EventLog {
    /** Channel on which every append announces the last number. */
    static final String CHANNEL = "event_log";

    private static final TypeReference<TreeMap<String, String>> ATTRIBUTES = new TypeReference<>() {};

    private static final String APPEND =
            """
            with relaxed as (
                select set_config('synchronous_commit', 'off', true)
            ), fresh as (
                select i.*, row_number() over (order by i.rank) as place
                from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                            $9::text[])
                     with ordinality as i (id, at_nanos, noun, action, subject, host, attributes, detail, actor, rank)
                where not exists (select from event.entry e where e.id = i.id)
            ), counted as (
                update event.counter set last = last + (select count(*) from fresh) returning last
            ), added as (
                insert into event.entry (number, id, at_nanos, noun, action, subject, host, attributes, detail, actor)
                select c.last - (select count(*) from fresh) + f.place, f.id, f.at_nanos, f.noun, f.action, f.subject,
                       f.host, f.attributes::jsonb, f.detail::jsonb, f.actor
                from fresh f, counted c
                returning number, id
            )
            select a.number, a.id, n.sent
            from added a, relaxed, (select cast(pg_notify('event_log', last::text) as text) as sent from counted) n
            order by a.number
            """;

    private static final String TAKEN =
            """
            insert into event.topic_position as p (topic, part, next_offset)
            select * from unnest($1::text[], $2::int[], $3::bigint[])
            on conflict (topic, part) do update set next_offset = greatest(p.next_offset, excluded.next_offset)
            """;

    private static final String PAGE =
            """
            select number, id, at_nanos, noun, action, subject, host, attributes::text
            from event.entry where number > $1 and number <= $2 order by number limit $3
            """;

    /** {@code + 0} keeps the planner from walking the primary key instead of the index on time. */
    private static final String BOUNDS =
            """
            select (select last from event.counter),
                   (select min(number + 0) from event.entry where at_nanos >= $1 and at_nanos <= $2),
                   (select max(number + 0) from event.entry where at_nanos >= $1 and at_nanos <= $2)
            """;

    private final Pool database;
    private final ObjectMapper json;

    EventLog(Pool database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    /**
     * Where events of a span of time are.
     *
     * @param last newest number of all, 0 when the log is empty
     * @param from lowest number in the span; {@code last + 1} when there is none
     * @param to highest number in the span; {@code last} when there is none
     */
    record Bounds(long last, long from, long to) {}

    /**
     * Stores those that are not stored yet, in the given order, and returns them with their numbers. They can be seen at
     * once, but are on the disk only when {@link #taken} has succeeded: subscribers need not wait for it. When PostgreSQL
     * dies in between, that fails, and both have to be repeated.
     */
    Uni<List<LogEntry>> append(List<LogEntry> entries) {
        Map<UUID, LogEntry> byId = new HashMap<>();
        entries.forEach(entry -> byId.put(entry.id(), entry));
        List<LogEntry> distinct =
                entries.stream().filter(entry -> byId.get(entry.id()) == entry).toList();
        Tuple columns = Tuple.tuple()
                .addArrayOfUUID(distinct.stream().map(LogEntry::id).toArray(UUID[]::new))
                .addArrayOfLong(distinct.stream().map(LogEntry::atNanos).toArray(Long[]::new))
                .addArrayOfString(column(distinct, LogEntry::noun))
                .addArrayOfString(column(distinct, LogEntry::action))
                .addArrayOfString(column(distinct, LogEntry::subject))
                .addArrayOfString(column(distinct, LogEntry::host))
                .addArrayOfString(column(distinct, entry -> encode(entry.attributes())))
                .addArrayOfString(column(distinct, LogEntry::detail))
                .addArrayOfString(column(distinct, LogEntry::actor));
        return database.preparedQuery(APPEND).execute(columns).map(rows -> {
            List<LogEntry> stored = new ArrayList<>(rows.size());
            for (Row row : rows) {
                stored.add(byId.get(row.getUUID(1)).numbered(row.getLong(0)));
            }
            return stored;
        });
    }

    /**
     * Notes up to where topics have been taken. With it everything that was appended before is on the disk: PostgreSQL
     * writes its log in order.
     *
     * @param positions offsets behind those that the entries came from
     */
    Uni<Void> taken(Map<TopicPartition, Long> positions) {
        List<TopicPartition> partitions = List.copyOf(positions.keySet());
        Tuple columns = Tuple.tuple()
                .addArrayOfString(partitions.stream().map(TopicPartition::topic).toArray(String[]::new))
                .addArrayOfInteger(
                        partitions.stream().map(TopicPartition::partition).toArray(Integer[]::new))
                .addArrayOfLong(partitions.stream().map(positions::get).toArray(Long[]::new));
        return database.preparedQuery(TAKEN).execute(columns).replaceWithVoid();
    }

    /** Up to which offset of each topic everything is stored. */
    Uni<Map<TopicPartition, Long>> positions() {
        return database.query("select topic, part, next_offset from event.topic_position")
                .execute()
                .map(rows -> {
                    Map<TopicPartition, Long> positions = new HashMap<>();
                    rows.forEach(row ->
                            positions.put(new TopicPartition(row.getString(0), row.getInteger(1)), row.getLong(2)));
                    return positions;
                });
    }

    /** Entries with {@code after < number <= upTo}, in order. */
    Uni<List<LogEntry>> page(long after, long upTo, int limit) {
        return database.preparedQuery(PAGE)
                .execute(Tuple.of(after, upTo, limit))
                .map(this::entries);
    }

    /** @param since nanoseconds, as {@code until}, both included */
    Uni<Bounds> bounds(long since, long until) {
        return database.preparedQuery(BOUNDS).execute(Tuple.of(since, until)).map(rows -> {
            Row row = rows.iterator().next();
            long last = row.getLong(0);
            boolean none = row.getLong(1) == null;
            return new Bounds(last, none ? last + 1 : row.getLong(1), none ? last : row.getLong(2));
        });
    }

    Uni<Long> last() {
        return database.query("select last from event.counter")
                .execute()
                .map(rows -> rows.iterator().next().getLong(0));
    }

    private List<LogEntry> entries(RowSet<Row> rows) {
        List<LogEntry> entries = new ArrayList<>(rows.size());
        for (Row row : rows) {
            entries.add(new LogEntry(
                    row.getLong(0),
                    row.getUUID(1),
                    row.getLong(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getString(6),
                    decode(row.getString(7)),
                    null,
                    null));
        }
        return entries;
    }

    private static String[] column(List<LogEntry> entries, Function<LogEntry, String> value) {
        return entries.stream().map(value).toArray(String[]::new);
    }

    private String encode(Map<String, String> attributes) {
        try {
            return json.writeValueAsString(attributes);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> decode(String attributes) {
        try {
            return json.readValue(attributes, ATTRIBUTES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
