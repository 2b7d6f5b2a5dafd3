package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker commit}. */
@EndpointTest
class CommitTest {
    private static JsonNode image(Docker docker, String name) {
        return Docker.json(docker.ok("image", "inspect", name)).get(0);
    }

    private static String committed(Docker docker, String container, String suffix, String... options) {
        String reference = docker.reference(suffix) + ":t";
        docker.removeLater(reference);
        List<String> arguments = new java.util.ArrayList<>(List.of("commit"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(container, reference));
        docker.ok(arguments.toArray(String[]::new));
        return reference;
    }

    private static String run(Docker docker, String image, String script) {
        return docker.ok("run", "--rm", "--entrypoint", "sh", image, "-c", script);
    }

    @Test
    void files_are_in_the_image(Docker docker) {
        String name = docker.sleeping("files", "-v", "/vol", "--tmpfs", "/tm");
        docker.ok(
                "exec",
                name,
                "sh",
                "-c",
                "echo hi >/made; rm /bin/cat; mkdir -p /deep/a; echo x >/deep/a/f; ln /deep/a/f /deep/hard; ln -s a/f /deep/soft;"
                        + " mkfifo /deep/fifo; mknod /deep/null c 1 3; chown 12:34 /made; chmod 4751 /made;"
                        + " echo in >/vol/in; echo in >/tm/in; chmod 700 /tmp; mkdir /later; rmdir /later;"
                        + " mkdir -m 1777 /sticky; touch -d '2001-02-03 04:05:06' /old");

        String image = committed(docker, name, "files");

        assertEquals("12:34 4751\nhi", run(docker, image, "stat -c '%u:%g %a' /made; head -1 /made"));
        assertEquals("", run(docker, image, "ls /bin/cat /later 2>/dev/null || :"));
        assertEquals("x\nx", run(docker, image, "head -1 /deep/soft | tail -1; head -1 /deep/hard"));
        assertEquals("2\n2", run(docker, image, "stat -c %h /deep/a/f /deep/hard"));
        assertEquals(
                "fifo\ncharacter special file 1:3",
                run(docker, image, "cd /deep; stat -c %F fifo; stat -c '%F %t:%T' null"));
        assertEquals("700\n1777\n981173106", run(docker, image, "stat -c %a /tmp /sticky; stat -c %Y /old"));
        assertEquals("", run(docker, image, "ls /vol /tm | grep in || :"));
    }

    @Test
    void a_directory_that_was_made_anew_hides_the_one_below(Docker docker) {
        String first = docker.sleeping("below");
        docker.ok(
                "exec",
                first,
                "sh",
                "-c",
                "mkdir -p /d/sub; echo 1 >/d/one; echo 2 >/d/sub/two; echo f >/f; echo g >/g");
        String below = committed(docker, first, "below");
        String second = docker.name("above");
        docker.ok(
                "run",
                "--name",
                second,
                below,
                "sh",
                "-c",
                "rm -r /d; mkdir /d; echo 3 >/d/three; rm /f; mkdir /f; echo h >/f/h; rm /g");
        String above = committed(docker, second, "above");

        assertEquals("/d\n/d/three\n/f\n/f/h", run(docker, above, "find /d /f | sort; ls /g 2>/dev/null || :"));
        assertEquals(
                3,
                Docker.json(docker.ok("image", "inspect", above))
                        .at("/0/RootFS/Layers")
                        .size());
        assertEquals("/d\n/d/one\n/d/sub\n/d/sub/two\n/f\n/g", run(docker, below, "find /d /f /g | sort"));
    }

    @Test
    void an_image_is_saved_and_loaded(Docker docker) {
        String name = docker.sleeping("saved");
        docker.ok("exec", name, "sh", "-c", "echo kept >/kept; rm /bin/cat");
        String image = committed(docker, name, "saved");
        String id = image(docker, image).path("Id").asText();
        String archive = docker.name("saved.tar");
        java.nio.file.Path file =
                java.nio.file.Path.of("target").resolve(archive).toAbsolutePath();
        docker.ok("save", "-o", file.toString(), image);
        docker.ok("rmi", image);

        docker.ok("load", "-i", file.toString());

        assertTrue(file.toFile().delete());
        assertEquals(id, image(docker, image).path("Id").asText());
        assertEquals("kept", run(docker, image, "head -1 /kept; ls /bin/cat 2>/dev/null || :"));
    }

    @Test
    void what_is_shown_of_it(Docker docker) {
        String name = docker.sleeping("shown", "-e", "A=1", "--label", "own=yes", "--expose", "99", "--hostname", "hh");
        docker.ok("exec", name, "sh", "-c", "echo 123456789 >/ten");
        String image = committed(docker, name, "shown", "-m", "the message", "-a", "Me <me@example>");

        JsonNode shown = image(docker, image);
        JsonNode parent = image(docker, Images.BUSYBOX);
        assertEquals(parent.path("Id").asText(), shown.path("Parent").asText());
        assertEquals("the message", shown.path("Comment").asText());
        assertEquals("Me <me@example>", shown.path("Author").asText());
        assertEquals(parent.path("Size").asLong() + 10, shown.path("Size").asLong());
        assertEquals(parent.path("Architecture"), shown.path("Architecture"));
        JsonNode config = shown.path("Config");
        assertEquals("hh", config.path("Hostname").asText());
        assertEquals(Images.BUSYBOX, config.path("Image").asText());
        assertEquals("yes", config.at("/Labels/own").asText());
        assertTrue(config.path("ExposedPorts").has("99/tcp"));
        assertEquals(docker.inspect(name).at("/Config/Cmd"), config.path("Cmd"));
        assertEquals(docker.inspect(name).at("/Config/Env"), config.path("Env"));

        JsonNode old = new Engine(docker.endpoint())
                .get("/v1.44/images/" + image + "/json")
                .is(200)
                .json();
        assertEquals(docker.inspect(name).path("Id"), old.path("Container"));
        assertEquals(docker.inspect(name).at("/Config/Cmd"), old.at("/ContainerConfig/Cmd"));

        JsonNode history = new Engine(docker.endpoint())
                .get("/images/" + image + "/history")
                .is(200)
                .json();
        assertEquals(shown.path("Id"), history.get(0).path("Id"));
        assertEquals(10, history.get(0).path("Size").asLong());
        assertEquals("the message", history.get(0).path("Comment").asText());
        assertTrue(history.get(0).path("CreatedBy").asText().startsWith("sh -c trap"));
        if (history.size() > 1) {
            assertEquals(parent.path("Id"), history.get(1).path("Id"));
        }
        JsonNode listed = StreamSupport.stream(
                        new Engine(docker.endpoint())
                                .get("/images/json")
                                .is(200)
                                .json()
                                .spliterator(),
                        false)
                .filter(each -> each.path("Id").equals(shown.path("Id")))
                .findFirst()
                .orElseThrow();
        assertEquals(parent.path("Id"), listed.path("ParentId"));
    }

    @Test
    void nothing_changed_is_no_layer(Docker docker) {
        String name = docker.name("unchanged");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");
        String image = committed(docker, name, "unchanged");

        assertEquals(
                image(docker, Images.BUSYBOX).at("/RootFS/Layers"),
                image(docker, image).at("/RootFS/Layers"));
        JsonNode history = new Engine(docker.endpoint())
                .get("/images/" + image + "/history")
                .is(200)
                .json();
        assertEquals(0, history.get(0).path("Size").asLong());
        assertNotEquals(
                image(docker, Images.BUSYBOX).path("Id"), image(docker, image).path("Id"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "CMD [\"a\",\"b\"]                 ~ Cmd          ~ [\"a\",\"b\"]",
                "CMD a  b                          ~ Cmd          ~ [\"/bin/sh\",\"-c\",\"a  b\"]",
                "CMD                               ~ Cmd          ~ [\"/bin/sh\",\"-c\"]",
                "cmd low                           ~ Cmd          ~ [\"/bin/sh\",\"-c\",\"low\"]",
                "ENTRYPOINT [\"z\"]                ~ Entrypoint   ~ [\"z\"]",
                "ENTRYPOINT a b                    ~ Entrypoint   ~ [\"/bin/sh\",\"-c\",\"a b\"]",
                "ENTRYPOINT []                     ~ Entrypoint   ~ [\"/bin/e\"]",
                "ENTRYPOINT []                     ~ Cmd          ~ [\"cc\"]",
                "ENTRYPOINT                        ~ Cmd          ~ [\"cc\"]",
                "ENTRYPOINT [\"z\"]                ~ Cmd          ~ null",
                "ENV B=$A C=${A} D=\"x y\" E='s $A' ~ Env         ~ [\"A=1\",\"X=q r\",\"B=1\",\"C=1\",\"D=x y\",\"E=s $A\"]",
                "ENV B some value                  ~ Env          ~ [\"A=1\",\"X=q r\",\"B=some value\"]",
                "ENV B  \"quoted v\" $A            ~ Env          ~ [\"A=1\",\"X=q r\",\"B=quoted v 1\"]",
                "ENV A=$A:2 G=${NO:-def} H=${A:+alt} ~ Env        ~ [\"A=1:2\",\"X=q r\",\"G=def\",\"H=alt\"]",
                "LABEL \"com.x\"=\"y z\" k=$A      ~ Labels       ~ {\"com.x\":\"y z\",\"k\":\"1\"}",
                "LABEL k v w                       ~ Labels       ~ {\"k\":\"v w\"}",
                "EXPOSE 80/udp 81 90-92 $A         ~ ExposedPorts ~"
                        + " {\"1/tcp\":{},\"80/udp\":{},\"81/tcp\":{},\"90/tcp\":{},\"91/tcp\":{},\"92/tcp\":{}}",
                "EXPOSE 8080:80                    ~ ExposedPorts ~ {\"80/tcp\":{}}",
                "USER $X                           ~ User         ~ \"q r\"",
                "VOLUME [\"/a\",\"/b c\"]          ~ Volumes      ~ {\"/a\":{},\"/b c\":{}}",
                "VOLUME /a /b                      ~ Volumes      ~ {\"/a\":{},\"/b\":{}}",
                "WORKDIR rel                       ~ WorkingDir   ~ \"/base/rel\"",
                "WORKDIR /a/../b/$A                ~ WorkingDir   ~ \"/b/1\"",
                "HEALTHCHECK none                  ~ Healthcheck  ~ {\"Test\":[\"NONE\"]}",
                "HEALTHCHECK CMD a b               ~ Healthcheck  ~ {\"Test\":[\"CMD-SHELL\",\"a b\"]}",
                "HEALTHCHECK --interval=1s --timeout=2s --start-period=3s --start-interval=4s --retries=5 CMD [\"a\"]"
                        + " ~ Healthcheck ~ {\"Test\":[\"CMD\",\"a\"],\"Interval\":1000000000,\"Timeout\":2000000000,"
                        + "\"StartPeriod\":3000000000,\"StartInterval\":4000000000,\"Retries\":5}",
                "STOPSIGNAL SIGTERM                ~ StopSignal   ~ \"SIGTERM\"",
                "STOPSIGNAL rtmin+3                ~ StopSignal   ~ \"rtmin+3\"",
                "STOPSIGNAL 9                      ~ StopSignal   ~ \"9\"",
                "ONBUILD run   ls  -l              ~ OnBuild      ~ [\"run   ls  -l\"]"
            })
    void instructions(String change, String field, String value, Docker docker) {
        String name = docker.name("changed");
        docker.ok(
                "create",
                "--name",
                name,
                "-e",
                "A=1",
                "-e",
                "X=q r",
                "-w",
                "/base",
                "--entrypoint",
                "/bin/e",
                Images.BUSYBOX,
                "cc");
        String image = committed(docker, name, "changed", "-c", change);

        JsonNode found = image(docker, image).at("/Config/" + field);
        if (field.equals("Env")) {
            // Some clients send variables in no order.
            assertEquals(variables(Docker.json(value)), variables(found));
            return;
        }
        assertEquals(Docker.json(value), found.isMissingNode() ? Docker.JSON.nullNode() : found);
    }

    private static TreeSet<String> variables(JsonNode environment) {
        return StreamSupport.stream(environment.spliterator(), false)
                .map(JsonNode::asText)
                .filter(each -> !each.startsWith("PATH="))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void several_instructions_follow_each_other(Docker docker) {
        String name = docker.name("several");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");
        String image = committed(
                docker,
                name,
                "several",
                "-c",
                "ENV B=2",
                "-c",
                "ENV C=$B",
                "-c",
                "CMD [\"y\"]\nENTRYPOINT [\"z\"]",
                "-c",
                "LABEL a=b \\\n c=d");

        JsonNode config = image(docker, image).path("Config");
        assertEquals(Docker.json("[\"y\"]"), config.path("Cmd"));
        assertEquals(Docker.json("[\"z\"]"), config.path("Entrypoint"));
        assertEquals(Docker.json("{\"a\":\"b\",\"c\":\"d\"}"), config.path("Labels"));
        assertTrue(config.path("Env").toString().contains("\"B=2\",\"C=2\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "RUN ls                            ~ RUN is not a valid change command",
                "shell [\"x\"]                     ~ SHELL is not a valid change command",
                "ADD a b                           ~ ADD is not a valid change command",
                "ENV                               ~ ENV requires at least one argument",
                "ENV A                             ~ ENV must have two arguments",
                "ENV =x                            ~ ENV names can not be blank",
                "ENV A=1 B                         ~ Syntax error - can't find = in \"B\". Must be of the form: name=value",
                "ENV A=${NO:?err}                  ~ failed to process \"${NO:?err}\": NO: err",
                "ENV A=${                          ~ failed to process \"${\": syntax error: missing '}'",
                "EXPOSE abc                        ~ Invalid containerPort: abc",
                "EXPOSE 99999                      ~ Invalid containerPort: 99999",
                "EXPOSE 80/foo                     ~ Invalid proto: foo",
                "LABEL x                           ~ LABEL must have two arguments",
                "USER                              ~ USER requires exactly one argument",
                "VOLUME                            ~ VOLUME requires at least one argument",
                "VOLUME [1]                        ~ when using JSON array syntax, arrays must be comprised of strings only",
                "WORKDIR                           ~ WORKDIR requires exactly one argument",
                "WORKDIR \"\"                      ~ cannot normalize nothing",
                "HEALTHCHECK                       ~ HEALTHCHECK requires at least one argument",
                "HEALTHCHECK CMD                   ~ Missing command after HEALTHCHECK CMD",
                "HEALTHCHECK NONE x                ~ HEALTHCHECK NONE takes no arguments",
                "HEALTHCHECK FOO x                 ~ Unknown type \"FOO\" in HEALTHCHECK (try CMD)",
                "HEALTHCHECK --foo=1 CMD x         ~ unknown flag: foo",
                "HEALTHCHECK --interval=abc CMD x  ~ time: invalid duration \"abc\"",
                "HEALTHCHECK --interval=1us CMD x  ~ Interval \"interval\" cannot be less than 1ms",
                "HEALTHCHECK --interval CMD x      ~ missing a value on flag: interval",
                "HEALTHCHECK --retries=x CMD x     ~ strconv.ParseInt: parsing \"x\": invalid syntax",
                "HEALTHCHECK --retries=-1 CMD x    ~ --retries cannot be negative (-1)",
                "STOPSIGNAL FOO                    ~ invalid signal: FOO",
                "STOPSIGNAL 0                      ~ invalid signal: 0",
                "ONBUILD                           ~ ONBUILD requires at least one argument",
                "ONBUILD ONBUILD x                 ~ Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
                "ONBUILD FROM x                    ~ FROM isn't allowed as an ONBUILD trigger",
                "CMD --foo x                       ~ unknown flag: foo",
                "# comment                         ~ file with no instructions",
                "` `                               ~ file with no instructions"
            })
    void instructions_that_are_refused(String change, String said, Docker docker) {
        String name = docker.name("refused");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");

        docker.call("commit", "-c", change, name, docker.reference("refused"))
                .saysError("(?s).*" + java.util.regex.Pattern.quote(said) + ".*");

        docker.call("image", "inspect", docker.reference("refused")).exits(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "repo=UPPER ~ 400 ~ invalid reference format: repository name (library/UPPER) must be lowercase",
                "repo=a&tag=b%20c ~ 400 ~ invalid tag format",
                "repo=a@sha256:ee9fb38c1b6b8c233036aa1ab14547e588d54dc2d90cbb51dc23b73f87c91d39 ~ 400"
                        + " ~ cannot import digest reference",
                "repo=ok&changes=RUN+x ~ 400 ~ RUN is not a valid change command"
            })
    void names_that_are_refused(String query, int status, String message, Docker docker) {
        String name = docker.name("named");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");

        Engine.Answer answer = new Engine(docker.endpoint()).post("/commit?container=" + name + "&" + query);

        assertEquals(status, answer.status(), answer::body);
        assertEquals(message, answer.message());
    }

    @Test
    void a_name_is_looked_at_before_the_container(Docker docker) {
        Engine engine = new Engine(docker.endpoint());

        assertEquals(404, engine.post("/commit?container=nosuch").status());
        assertEquals(404, engine.post("/commit?container=nosuch&changes=RUN+x").status());
        assertEquals(400, engine.post("/commit?container=nosuch&repo=UPPER").status());
        assertEquals(400, engine.post("/commit?container=").status());
        assertEquals(400, engine.post("/commit?container=nosuch", "{").status());
    }

    @Test
    void a_body_goes_before_the_containers_configuration(Docker docker) {
        String name = docker.name("body");
        docker.ok("create", "--name", name, "-e", "A=1", "--label", "l=1", "--expose", "99", Images.BUSYBOX, "true");
        String reference = docker.reference("body");
        Engine engine = new Engine(docker.endpoint());

        engine.post(
                        "/commit?container=" + name + "&repo=" + reference + "&comment=cc&author=aa",
                        """
                        {"Env":["B=3","A=9"],"Labels":{"q":"r"},"Cmd":["zz"],"ExposedPorts":{"7/tcp":{}},"User":"uu",
                        "WorkingDir":"/ww","Volumes":{"/k":{}},"Hostname":"hn","Tty":true,"StopSignal":"SIGINT",
                        "Shell":["/bin/x"],"OnBuild":["RUN o"],"Healthcheck":{"Test":["NONE"]},"StopTimeout":4}""")
                .is(201);

        JsonNode image = image(docker, reference);
        JsonNode config = image.path("Config");
        assertEquals("cc", image.path("Comment").asText());
        assertEquals("aa", image.path("Author").asText());
        assertTrue(config.path("Env").toString().startsWith("[\"B=3\",\"A=9\",\"PATH="), config::toString);
        assertEquals(Docker.json("{\"l\":\"1\",\"q\":\"r\"}"), config.path("Labels"));
        assertEquals(Docker.json("{\"7/tcp\":{},\"99/tcp\":{}}"), config.path("ExposedPorts"));
        assertEquals(Docker.json("[\"zz\"]"), config.path("Cmd"));
        assertEquals("uu", config.path("User").asText());
        assertEquals("/ww", config.path("WorkingDir").asText());
        assertEquals("SIGINT", config.path("StopSignal").asText());
        assertEquals(4, config.path("StopTimeout").asInt());
        assertEquals(Docker.json("[\"RUN o\"]"), config.path("OnBuild"));
    }

    @Test
    void a_tag_moves_to_the_newest(Docker docker) {
        String name = docker.sleeping("moves");
        String image = committed(docker, name, "moves");
        String first = image(docker, image).path("Id").asText();
        docker.removeLater(first);
        docker.ok("exec", name, "touch", "/more");
        committed(docker, name, "moves");

        assertNotEquals(first, image(docker, image).path("Id").asText());
        assertEquals(0, image(docker, first).path("RepoTags").size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void it_is_told_of(boolean pause, Docker docker) throws Exception {
        String name = docker.sleeping("told");
        Instant begin = Instant.now();
        String image = committed(docker, name, "told", "-m", "hello", "--pause=" + pause);

        Docker.await("commit is told", () -> events(docker, begin, name, image).contains("container commit"));
        TreeSet<String> expected = new TreeSet<>(List.of("container commit", "image tag"));
        if (pause) {
            expected.addAll(List.of("container pause", "container unpause"));
        }
        Docker.await("all is told", expected, () -> events(docker, begin, name, image));
        String id = image(docker, image).path("Id").asText();
        assertEquals(
                "hello " + id + " " + image,
                docker.ok(
                        "events",
                        "--since",
                        seconds(begin),
                        "--until",
                        seconds(Instant.now()),
                        "--filter",
                        "event=commit",
                        "--filter",
                        "container=" + name,
                        "--format",
                        "{{.Actor.Attributes.comment}} {{.Actor.Attributes.imageID}} {{.Actor.Attributes.imageRef}}"));
        assertEquals("running", docker.inspect(name).at("/State/Status").asText());
    }

    private static TreeSet<String> events(Docker docker, Instant since, String container, String image) {
        String id = image(docker, image).path("Id").asText();
        return docker
                .call("events", "--since", seconds(since), "--until", seconds(Instant.now()), "--format", "{{json .}}")
                .lines()
                .stream()
                .map(Docker::json)
                .filter(event -> event.at("/Actor/Attributes/name").asText().equals(container)
                        || event.at("/Actor/ID").asText().equals(id))
                .map(event ->
                        event.path("Type").asText() + " " + event.path("Action").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String seconds(Instant at) {
        return at.getEpochSecond() + "." + String.format("%09d", at.getNano());
    }

    @Test
    void paused_and_stopped_ones_stay_so(Docker docker) {
        String name = docker.sleeping("still");
        docker.ok("exec", name, "touch", "/there");
        docker.ok("pause", name);
        String paused = committed(docker, name, "paused");
        assertEquals("paused", docker.inspect(name).at("/State/Status").asText());
        docker.ok("unpause", name);
        docker.ok("stop", name);
        String stopped = committed(docker, name, "stopped");
        assertEquals("exited", docker.inspect(name).at("/State/Status").asText());

        assertEquals("/there", run(docker, paused, "ls /there"));
        assertEquals("/there", run(docker, stopped, "ls /there"));
    }

    @Test
    void images_between_go_with_the_last_that_needs_them(Docker docker) {
        String first = docker.sleeping("chain");
        docker.ok("exec", first, "touch", "/one");
        String one = committed(docker, first, "one");
        String second = docker.name("chained");
        docker.ok("create", "--name", second, one, "true");
        String two = committed(docker, second, "two");
        docker.ok("rm", second);
        String id = image(docker, one).path("Id").asText();

        docker.call("rmi", id).saysError("(?s).*\\(cannot be forced\\) - image has dependent child images.*");
        docker.call("rmi", "-f", id).saysError("(?s).*\\(cannot be forced\\) - image has dependent child images.*");
        assertEquals("Untagged: " + one, docker.ok("rmi", one));
        assertFalse(docker.ok("images", "-q", "--no-trunc").contains(id));
        assertTrue(docker.ok("images", "-aq", "--no-trunc").contains(id));
        String removed = docker.ok("rmi", two);
        assertTrue(removed.contains("Deleted: " + id), removed);
        docker.call("image", "inspect", id).exits(1);
    }

    @Test
    void containers_of_it_are_found_by_its_ancestor(Docker docker) {
        String first = docker.name("first");
        docker.ok("create", "--name", first, Images.BUSYBOX, "true");
        String image = committed(docker, first, "ancestor");
        String second = docker.name("second");
        docker.ok("create", "--name", second, image, "true");

        List<String> found = docker.call(
                        "ps",
                        "-a",
                        "--filter",
                        "ancestor=" + Images.BUSYBOX,
                        "--filter",
                        "name=" + docker.name(""),
                        "--format",
                        "{{.Names}}")
                .lines();
        assertEquals(new TreeSet<>(List.of(first, second)), new TreeSet<>(found));
        assertEquals(
                List.of(second),
                docker.call("ps", "-a", "--filter", "ancestor=" + image, "--format", "{{.Names}}")
                        .lines());
    }

    @Test
    void many_names_and_bytes(Docker docker) {
        String name = docker.sleeping("many");
        docker.ok(
                "exec",
                name,
                "sh",
                "-c",
                "mkdir /m; cd /m; i=0; while [ $i -lt 2000 ]; do : >f$i; i=$((i+1)); done;"
                        + " dd if=/dev/urandom of=/big bs=1M count=40 2>/dev/null; truncate -s 20M /sparse");
        String sum = docker.ok("exec", name, "sh", "-c", "md5sum /big /sparse; ls /m | md5sum");

        String image = committed(docker, name, "many");

        assertEquals(sum, run(docker, image, "md5sum /big /sparse; ls /m | md5sum"));
    }

    @Test
    void names_keep_their_bytes(Docker docker) {
        String name = docker.sleeping("caps");
        docker.ok("exec", name, "sh", "-c", "echo x >'/with space'; mkdir '/a\"b'; echo y >\"/a\\\"b/ü\"");
        String image = committed(docker, name, "odd");

        assertEquals(
                "x\ny",
                run(docker, image, "head -1 '/with space'; head -1 /a*b/*").replaceAll("(?m)^==>.*\\n", ""));
    }

    @Test
    void without_a_name(Docker docker) {
        String name = docker.sleeping("nameless");
        String id = docker.ok("commit", name);
        docker.removeLater(id);

        assertTrue(id.matches("sha256:[0-9a-f]{64}"), id);
        assertEquals(0, image(docker, id).path("RepoTags").size());
    }
}
