package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameter {@code filters} as no client library writes it, with the status and the words of dockerd 26.1.5. */
@EndpointTest
class FiltersTest {
    private static final List<String> LISTS =
            List.of("/networks", "/containers/json?all=1", "/images/json", "/volumes", "/events?since=1&until=2");

    @Test
    void value_of_the_older_form_counts_though_it_is_false(Docker docker, Engine engine) {
        docker.ok("network", "create", "--label", "a=b", docker.name("n"));
        docker.ok("volume", "create", "--label", "a=b", docker.name("v"));
        docker.ok("create", "--label", "a=b", "--name", docker.name("c"), Images.BUSYBOX, "true");

        for (String wanted : List.of("\"a=b\":false", "\"a\":null", "\"a\":true")) {
            String filters = "{\"label\":{" + wanted + "},\"name\":{\"%s\":false}}";
            assertEquals(1, sizeOf(get(engine, "/networks", filters.formatted(docker.name("n")))), wanted);
            assertEquals(1, sizeOf(get(engine, "/volumes", filters.formatted(docker.name("v")))), wanted);
            assertEquals(1, sizeOf(get(engine, "/containers/json?all=1", filters.formatted(docker.name("c")))), wanted);
        }
        for (String path : List.of("/networks", "/volumes", "/containers/json?all=1", "/images/json")) {
            assertEquals(0, sizeOf(get(engine, path, "{\"label\":{\"%s\":false}}".formatted(docker.name("no")))), path);
        }
    }

    @Test
    void prune_spares_what_has_not_the_label_of_the_older_form(Docker docker, Engine engine) {
        docker.ok("network", "create", docker.name("n"));
        docker.ok("volume", "create", docker.name("v"));
        docker.ok("create", "--name", docker.name("c"), Images.BUSYBOX, "true");

        for (String noun : List.of("networks", "volumes", "containers")) {
            engine.post("/" + noun + "/prune?filters="
                            + encoded("{\"label\":{\"%s\":false}}".formatted(docker.name("no"))))
                    .is(200);
        }

        docker.ok("network", "inspect", docker.name("n"));
        docker.ok("volume", "inspect", docker.name("v"));
        docker.ok("inspect", docker.name("c"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                "{",
                "[]",
                "{}x",
                "{\"label\":\"x\"}",
                "{\"label\":[1]}",
                "{\"label\":{\"x\":1}}",
                "{\"label\":{\"x\":\"true\"}}",
                "{\"name\":[\"a\"],\"label\":{\"k\":true}}"
            })
    void what_has_no_form_is_refused(String filters, Engine engine) {
        for (String path : LISTS) {
            assertEquals(
                    path.equals("/volumes") ? "error reading volume filters: invalid filter" : "invalid filter",
                    get(engine, path, filters).is(400).message(),
                    path);
        }
        for (String noun : List.of("networks", "containers", "volumes")) {
            assertEquals(
                    "invalid filter",
                    engine.post("/" + noun + "/prune?filters=" + encoded(filters))
                            .is(400)
                            .message(),
                    noun);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{\"label\":null}", "{\"label\":[]}", "{}"})
    void null_and_no_values_choose_all(String filters, Docker docker, Engine engine) {
        docker.ok("volume", "create", docker.name("v"));
        docker.ok("create", "--name", docker.name("c"), Images.BUSYBOX, "true");

        for (String path : LISTS) {
            Engine.Answer answer = get(engine, path, filters).is(200);
            if (!path.startsWith("/events")) {
                assertEquals(true, sizeOf(answer) > 0, path);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "/networks ~ {\"type\":[]} ~ 200 ~ 0",
                "/networks ~ {\"type\":[\"x\"]} ~ 500 ~ invalid filter: 'type'='x'",
                "/networks ~ {\"type\":{\"x\":false}} ~ 500 ~ invalid filter: 'type'='x'",
                "/containers/json?all=1 ~ {\"network\":[]} ~ 200 ~ 0",
                "/containers/json?all=1 ~ {\"volume\":[]} ~ 200 ~ 0",
                "/containers/json?all=1 ~ {\"ancestor\":[]} ~ 200 ~ 0",
                "/containers/json?all=1 ~ {\"is-task\":[]} ~ 400 ~ invalid filter 'is-task'",
                "/containers/json?all=1 ~ {\"is-task\":{\"true\":false}} ~ 400 ~ invalid filter 'is-task=[true]'",
                "/containers/json?all=1 ~ {\"exited\":[\"x\"]} ~ 400 ~ invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax",
                "/images/json ~ {\"reference\":[]} ~ 200 ~ 0",
                "/images/json ~ {\"dangling\":[\"True\"]} ~ 400 ~ invalid filter 'dangling=[True]'",
                "/volumes ~ {\"dangling\":[]} ~ 400 ~ invalid filter 'dangling'"
            })
    void keys_have_rules_of_their_own(String path, String filters, int status, String said, Engine engine) {
        Engine.Answer answer = get(engine, path, filters).is(status);

        assertEquals(said, status == 200 ? String.valueOf(sizeOf(answer)) : answer.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "70000 ~ error while looking up for %s 70000: strconv.ParseUint: parsing \"70000\": value out of range",
                "82-80 ~ error while looking up for %s 82-80: Invalid range specified for the Port: 82-80",
                "x ~ error while looking up for %s x: strconv.ParseUint: parsing \"x\": invalid syntax",
                "`` ~ error while looking up for %s : Empty string specified for ports.",
                "80- ~ error while looking up for %s 80-: strconv.ParseUint: parsing \"\": invalid syntax",
                "80:80 ~ filter for '%s' should not contain ':': 80:80"
            })
    void what_is_no_port_is_refused(String port, String message, Engine engine) {
        for (String key : List.of("publish", "expose")) {
            assertEquals(
                    message.formatted(key),
                    get(engine, "/containers/json", "{\"" + key + "\":[\"" + port + "\"]}")
                            .is(500)
                            .message());
        }
    }

    @Test
    void ports_without_a_known_protocol_find_nothing(Docker docker, Engine engine) {
        docker.sleeping("c", "--expose", "80");
        String filters = "{\"name\":[\"" + docker.name("c") + "\"],\"expose\":[\"%s\"]}";

        for (String none : List.of("80/TCP", "80/foo", "81")) {
            assertEquals(0, sizeOf(get(engine, "/containers/json", filters.formatted(none))), none);
        }
        for (String port : List.of("80", "80/", "80/tcp", "79-80")) {
            assertEquals(1, sizeOf(get(engine, "/containers/json", filters.formatted(port))), port);
        }
    }

    @Test
    void empty_name_of_a_network_is_the_beginning_of_any(Docker docker, Engine engine) {
        docker.ok("create", "--name", docker.name("c"), Images.BUSYBOX, "true");

        for (String value : List.of("\"\"", "null")) {
            String filters = "{\"name\":[\"" + docker.name("c") + "\"],\"network\":[" + value + "]}";
            assertEquals(1, sizeOf(get(engine, "/containers/json?all=1", filters)), value);
        }
    }

    private static Engine.Answer get(Engine engine, String path, String filters) {
        return engine.get(path + (path.contains("?") ? "&" : "?") + "filters=" + encoded(filters));
    }

    private static String encoded(String filters) {
        return URLEncoder.encode(filters, StandardCharsets.UTF_8);
    }

    private static long sizeOf(Engine.Answer answer) {
        JsonNode json = answer.is(200).json();
        return StreamSupport.stream((json.isObject() ? json.path("Volumes") : json).spliterator(), false)
                .count();
    }
}
