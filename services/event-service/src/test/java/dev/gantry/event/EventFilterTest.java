package dev.gantry.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expectations are those of dockerd's own filter. */
class EventFilterTest {
    private static final LogEntry START =
            entry("container", "start", "c0ffee11", Map.of("name", "web", "image", "busybox:1.36", "team", "blue"));
    private static final LogEntry EXEC =
            entry("container", "exec_create: sh -c true", "c0ffee11", Map.of("name", "web"));
    private static final LogEntry PULL = entry("image", "pull", "busybox:latest", Map.of("name", "busybox"));
    private static final LogEntry CONNECT =
            entry("network", "connect", "9aa5", Map.of("container", "c0ffee11", "name", "bridge"));
    private static final LogEntry REST = entry("container", "rest", "c0ffee11", Map.of("name", "web"));
    private static final LogEntry HOST = entry("host", "join", "h1", Map.of("name", "one"));

    private static LogEntry entry(String noun, String action, String subject, Map<String, String> attributes) {
        return new LogEntry(1, new UUID(0, 1), 1, noun, action, subject, "", attributes, null, null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                           | start exec pull connect",
                "{'type':['container']}                       | start exec",
                "{'type':{'image':true,'network':true}}       | pull connect",
                "{'event':['start','pull']}                   | start pull",
                "{'event':['exec_create']}                    | exec",
                "{'event':['exec_create: sh']}                | ''",
                "{'event':['exec_create: sh -c true']}        | exec",
                "{'container':['web']}                        | start exec",
                "{'container':['w']}                          | start exec",
                "{'container':['c0ff']}                       | start exec",
                "{'container':['ff']}                         | ''",
                "{'network':['bridge']}                       | connect",
                "{'image':['busybox']}                        | start pull",
                "{'image':['busybox:1.36']}                   | start",
                "{'image':['busy']}                           | ''",
                "{'label':['team']}                           | start",
                "{'label':['team=blue']}                      | start",
                "{'label':['team=red']}                       | ''",
                "{'label':['team','other']}                   | ''",
                "{'scope':['local']}                          | start exec pull connect",
                "{'scope':['swarm']}                          | ''",
                "{'type':['container'],'event':['pull']}      | ''",
                "{'type':['host']}                            | host",
                "{'event':['rest']}                           | rest",
            })
    void shows_what_dockerd_shows(String filters, String shown) {
        EventFilter filter = EventFilter.parse(filters.replace('\'', '"'));

        StringBuilder seen = new StringBuilder();
        see(filter, START, "start", seen);
        see(filter, EXEC, "exec", seen);
        see(filter, PULL, "pull", seen);
        see(filter, CONNECT, "connect", seen);
        see(filter, HOST, "host", seen);
        see(filter, REST, "rest", seen);

        assertEquals(shown == null ? "" : shown, seen.toString().strip());
    }

    private static void see(EventFilter filter, LogEntry entry, String name, StringBuilder seen) {
        if (filter.test(entry)) {
            seen.append(name).append(' ');
        }
    }
}
