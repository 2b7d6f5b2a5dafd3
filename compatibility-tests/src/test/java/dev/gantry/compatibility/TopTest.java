package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docker top}, with the options of the host's ps(1). */
@EndpointTest
class TopTest {
    private static String sleeper(Docker docker) {
        String name = docker.name("top");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sleep", "1000");
        return name;
    }

    private static Engine.Answer top(Engine engine, String name, String options) {
        return engine.get("/containers/" + name + "/top?ps_args="
                + URLEncoder.encode(options, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            nullValues = "default",
            value = {
                "default           ~ UID PID PPID C STIME TTY TIME CMD",
                "aux               ~ USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND",
                "-eo pid,comm      ~ PID COMMAND",
                "-o pid            ~ PID",
                "-e -o ppid,pid,args ~ PPID PID COMMAND",
                "-eo pid=PID       ~ PID",
                "-C sleep          ~ PID TTY TIME CMD",
                "-eLf              ~ UID PID PPID LWP C NLWP STIME TTY TIME CMD"
            })
    void options_choose_the_columns(String options, String titles, Docker docker, Engine engine) {
        String name = sleeper(docker);

        JsonNode top = top(engine, name, options == null ? "" : options).is(200).json();

        assertEquals(Docker.json("[\"" + titles.replace(" ", "\",\"") + "\"]"), top.get("Titles"));
        assertEquals(1, top.get("Processes").size(), top::toString);
        JsonNode row = top.at("/Processes/0");
        assertEquals(top.get("Titles").size(), row.size(), top::toString);
        int pid = List.of(titles.split(" ", -1)).indexOf("PID");
        assertEquals(
                docker.ok("inspect", "-f", "{{.State.Pid}}", name), row.get(pid).asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "-eo comm       ~ Couldn't find PID field in ps output",
                "-eo pid=X      ~ Couldn't find PID field in ps output",
                "-eo xx=PID     ~ specifying \"xx=PID\" is not allowed",
                "-xyz           ~ ps: error: must set personality to get -x option",
                "-e -o nosuch   ~ ps: error: unknown user-defined format specifier \"nosuch\"",
                "-f u           ~ ps: error: conflicting format options"
            })
    void what_ps_refuses_is_told_in_its_words(String options, String said, Docker docker, Engine engine) {
        assertEquals(said, top(engine, sleeper(docker), options).is(500).message());
    }

    @Test
    void threads_are_shown_with_their_process(Docker docker, Engine engine) {
        JsonNode top = top(engine, sleeper(docker), "axms").is(200).json();

        assertEquals(2, top.get("Processes").size(), top::toString);
        assertEquals("-", top.at("/Processes/1/1").asText());
    }

    @Test
    void the_command_line_has_one_blank_between_its_words(Docker docker, Engine engine) {
        String name = docker.name("blanks");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "sleep   1000; true");

        String all = top(engine, name, "-eo pid,args").is(200).body();

        assertTrue(all.contains("\"sh -c sleep 1000; true\""), all);
    }

    @Test
    void only_one_that_runs_has_processes(Docker docker, Engine engine) {
        String created = docker.name("created");
        String id = docker.ok("create", "--name", created, Images.BUSYBOX, "true");
        String paused = sleeper(docker);
        docker.ok("pause", paused);

        assertEquals(
                "container " + id + " is not running",
                top(engine, created, "").is(409).message());
        assertEquals(
                "No such container: nosuch", top(engine, "nosuch", "").is(404).message());
        top(engine, paused, "").is(200);
        docker.ok("unpause", paused);
    }
}
