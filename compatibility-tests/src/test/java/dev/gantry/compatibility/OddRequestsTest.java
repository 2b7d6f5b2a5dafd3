package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.RawRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no client library writes, each with the status and the words of dockerd 26.1.5. */
@EndpointTest
class OddRequestsTest {
    private static final String JSON = "Content-Type: application/json\r\n";

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "GET /containers/%zz/json                         ~ 400 ~ 400 Bad Request",
                "GET /containers/%/json                           ~ 400 ~ 400 Bad Request",
                "GET containers/json                              ~ 400 ~ 400 Bad Request",
                "GET /containers/json?filters={\"name\":[\"x\"]}  ~ 200 ~ []",
                "GET /containers/json?limit=1&filters={\"name\":{\"x\":true}}&a|b^c\\d<e>` ~ 200 ~ []",
                "GET /networks/?filters={\"name\":[\"nosuch\"]}   ~ 200 ~ []",
                "GET /containers/json/                            ~ 404 ~ page not found",
                "GET /images/                                     ~ 404 ~ page not found",
                "GET /containers/\"a|b^c\\d<e>{f}/json            ~ 404 ~ No such container: \"a|b^c\\d<e>{f}",
                "GET /nosuch                                      ~ 404 ~ page not found",
                "PATCH /containers/json                           ~ 404 ~ page not found",
                "GET /containers/nosuch/stats?stream=0            ~ 404 ~ No such container: nosuch",
                "GET /containers/nosuch/stats?one-shot=1          ~ 404 ~ No such container: nosuch",
                "GET /containers/nosuch/logs                      ~ 400 ~ Bad parameters: you must choose at least one stream",
                "GET /containers/nosuch/archive?path=/            ~ 404 ~ No such container: nosuch",
                "HEAD /containers/nosuch/archive?path=/           ~ 404 ~ ``",
                "GET /containers/nosuch/export                    ~ 404 ~ No such container: nosuch",
                "GET /containers/nosuch/changes                   ~ 404 ~ No such container: nosuch",
                "POST /containers/nosuch/rename?name=abc          ~ 404 ~ No such container: nosuch",
                "POST /commit?container=nosuch                    ~ 404 ~ No such container: nosuch",
                "POST /plugins/nosuch/disable                     ~ 404 ~ plugin \"nosuch\" not found",
                "GET /plugins/nosuch/json                         ~ 404 ~ plugin \"nosuch\" not found",
                "GET /containers//json                            ~ 301 ~ ``",
                "GET /containers/../info                          ~ 301 ~ ``",
                "OPTIONS /containers/json                         ~ 200 ~ ``",
                "OPTIONS /nosuch                                  ~ 200 ~ ``"
            })
    void odd_paths(String line, int status, String said, Docker docker) throws Exception {
        RawRequest.Answer answer = RawRequest.to(docker.endpoint()).send(line, "", new byte[0]);

        assertEquals(status, answer.status(), answer::body);
        assertEquals(said, answer.said());
    }

    @Test
    void a_paused_container_is_called_as_it_was_asked_for(Docker docker) throws Exception {
        String name = docker.sleeping("paused");
        docker.ok("pause", name);

        String body = RawRequest.to(docker.endpoint())
                .send("POST /containers/" + name + "/attach?stream=1", "", new byte[0])
                .body();

        assertTrue(body.contains("container " + name + " is paused, unpause the container before attach"), body);
        docker.ok("unpause", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: a\r\nno colon\r\n"})
    void odd_heads_are_no_requests(String headers, Docker docker) throws Exception {
        RawRequest.Answer answer = RawRequest.to(docker.endpoint()).sendBare("GET /_ping", headers);

        assertEquals(400, answer.status());
        assertTrue(answer.body().startsWith("400 Bad Request"), answer::body);
    }

    @Test
    void other_origins_are_never_let_in(Docker docker) throws Exception {
        RawRequest.Answer answer = RawRequest.to(docker.endpoint())
                .send(
                        "OPTIONS /containers/json",
                        "Origin: http://evil.example.com\r\nAccess-Control-Request-Method: POST\r\n",
                        new byte[0]);

        assertEquals(200, answer.status());
        assertFalse(answer.head().toLowerCase(java.util.Locale.ROOT).contains("access-control"), answer.head());
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/xml", "zz", "text/plain"})
    void what_a_client_would_rather_have_changes_nothing(String accepted, Docker docker) throws Exception {
        RawRequest.Answer answer = RawRequest.to(docker.endpoint())
                .send("GET /containers/json", "Accept: " + accepted + "\r\n", new byte[0]);

        assertEquals(200, answer.status(), answer::body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'Image':1}                      ~ cannot unmarshal number",
                "{'Image':'%s','Env':'x'}         ~ cannot unmarshal string",
                "{'Image':'%s','Tty':'true'}      ~ cannot unmarshal string",
                "{'Image':'%s','HostConfig':[]}   ~ cannot unmarshal array",
                "{'Image':'%s','HostConfig':{'Memory':1.5}} ~ cannot unmarshal number",
                "{'Image':'%s','HostConfig':{'Memory':'5'}} ~ cannot unmarshal string",
                "{'Image':'%s','Labels':['a']}    ~ cannot unmarshal array",
                "{'Image':'%s','Env':[null]}      ~ invalid environment variable: ",
                "{'Image':'%s','HostConfig':{'CapAdd':[null]}} ~ invalid CapAdd: unknown capability: \"CAP_\"",
                "{'Image':'%s','HostConfig':{'ExtraHosts':[null]}} ~ bad format for add-host: \"\"",
                "{'Image':'%s',}                  ~ invalid character '}' looking for beginning of object key string",
                "{'a'}                            ~ invalid character '}' after object key",
                "{'Image':NaN}                    ~ invalid character 'N' looking for beginning of value",
                "{}                               ~ onfig cannot be empty in order to create a container",
                "null                             ~ onfig cannot be empty in order to create a container"
            })
    void odd_bodies_are_refused_in_gos_words(String body, String said, Docker docker) throws Exception {
        RawRequest.Answer answer = create(docker, body.replace('\'', '"'));

        assertTrue(answer.status() == 400 || answer.status() == 500, answer::body);
        assertTrue(answer.said().contains(said.stripTrailing()), answer::body);
        assertHasNoInternals(answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Image':'%s','HostConfig':{'PortBindings':{'80/tcp':[null]}}}",
                "{'Image':'%s','HostConfig':{'Ulimits':[null]}}",
                "{'Image':'%s','HostConfig':{'SecurityOpt':[null]}}",
                "{'Image':'%s','HostConfig':{'VolumesFrom':[null]}}",
                "{'Image':'%s','HostConfig':{'Mounts':[null]}}",
                "{'Image':'%s','HostConfig':{'Devices':[null]}}",
                "{'Image':'%s','HostConfig':{'Binds':[null]}}",
                "{'Image':'%s','HostConfig':{'Dns':[null]}}",
                "{'Image':'%s','HostConfig':{'GroupAdd':[null]}}",
                "{'Image':'%s','HostConfig':{'Sysctls':{'a':null}}}",
                "{'Image':'%s','Cmd':[null]}",
                "{'Image':'%s','Entrypoint':[null]}",
                "{'Image':'%s','Healthcheck':{'Test':[null]}}",
                "{'Image':'%s','Shell':[null],'OnBuild':[null]}",
                "{'Image':'%s','HostConfig':{'LogConfig':{'Type':'json-file','Config':{'max-size':null}}}}"
            })
    void null_in_lists_is_never_an_inner_failure(String body, Docker docker) throws Exception {
        assertHasNoInternals(create(docker, body.replace('\'', '"')));
    }

    @Test
    void null_label_is_an_empty_one(Docker docker) throws Exception {
        RawRequest.Answer answer = create(docker, "{\"Image\":\"%s\",\"Labels\":{\"a\":null}}");

        assertEquals(201, answer.status(), answer::body);
        String id = Docker.json(answer.body()).get("Id").asText();
        assertEquals("map[a:]", docker.ok("inspect", "-f", "{{.Config.Labels}}", id));
    }

    @Test
    void only_utf_8_is_json(Docker docker) throws Exception {
        String body = "{\"Image\":\"" + Images.BUSYBOX + "\"}";
        for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            RawRequest.Answer answer = RawRequest.to(docker.endpoint())
                    .send("POST /containers/create?name=" + docker.name("utf"), JSON, body.getBytes(charset));

            assertTrue(answer.status() >= 400, answer::body);
            assertTrue(answer.said().contains("invalid character"), answer::body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bnVsbA==", "W10=", "e30=", "enp6", "{}", "null"})
    void unreadable_credentials_are_none(String header, Docker docker) throws Exception {
        RawRequest.Answer answer = RawRequest.to(docker.endpoint())
                .send(
                        "POST /images/create?fromImage=127.0.0.1:1/x&tag=y",
                        "X-Registry-Auth: " + header + "\r\n",
                        new byte[0]);

        assertTrue(answer.body().contains("127.0.0.1:1"), answer::body);
        assertHasNoInternals(answer);
    }

    private static RawRequest.Answer create(Docker docker, String body) throws Exception {
        return RawRequest.to(docker.endpoint())
                .send(
                        "POST /containers/create?name=" + docker.name("odd"),
                        JSON,
                        body.replace("%s", Images.BUSYBOX).getBytes(StandardCharsets.UTF_8));
    }

    private static void assertHasNoInternals(RawRequest.Answer answer) {
        for (String word :
                List.of("java", "jackson", "Cannot invoke", "Exception", "insert into", "select ", "Coercion")) {
            assertFalse(answer.body().contains(word), answer::body);
        }
    }
}
