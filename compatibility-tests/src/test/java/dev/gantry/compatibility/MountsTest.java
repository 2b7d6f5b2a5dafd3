package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --mount}: parts of volumes, and how far binds reach. */
@EndpointTest
class MountsTest {
    private static String volume(Docker docker) {
        String name = docker.name("volume");
        docker.ok("volume", "create", name);
        docker.ok(
                "run",
                "--rm",
                "-v",
                name + ":/v",
                Images.BUSYBOX,
                "sh",
                "-c",
                "mkdir -p /v/d/e; echo said > /v/d/f; ln -s /etc /v/out; ln -s d /v/in; ln -s ../../.. /v/up");
        return name;
    }

    private static Result part(Docker docker, String volume, String part, String... command) {
        String[] words = new String[5 + command.length];
        System.arraycopy(
                new String[] {
                    "run",
                    "--rm",
                    "--mount",
                    "type=volume,src=" + volume + ",dst=/x,volume-subpath=" + part,
                    Images.BUSYBOX
                },
                0,
                words,
                0,
                5);
        System.arraycopy(command, 0, words, 5, command.length);
        return docker.call(words);
    }

    @Test
    void part_of_a_volume_is_mounted(Docker docker) {
        String volume = volume(docker);

        assertEquals(List.of("e", "f"), part(docker, volume, "d", "ls", "/x").lines());
        assertEquals(List.of("e", "f"), part(docker, volume, "in", "ls", "/x").lines());
        assertEquals("said", part(docker, volume, "d/f", "cat", "/x").text());
        part(docker, volume, "d/e", "touch", "/x/new").exits(0);
        assertEquals("new", part(docker, volume, "d/../d/e", "ls", "/x").text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "out    ~ path concatenation escapes the base directory, base: .*/_data, subpath: out",
                "up     ~ path concatenation escapes the base directory, base: .*/_data, subpath: up",
                "nosuch ~ cannot access path .*/_data/nosuch: lstat .*/_data/nosuch: no such file or directory",
                "../x   ~ invalid mount config for type \"volume\": subpath must be a relative path within the volume",
                "/d     ~ invalid mount config for type \"volume\": subpath must be a relative path within the volume",
            })
    void what_is_not_in_the_volume_is_no_part_of_it(String part, String message, Docker docker) {
        Result result = part(docker, volume(docker), part, "true");

        // The client takes some of these words for those of a program that there is not.
        assertEquals(message.endsWith("no such file or directory") ? 127 : 125, result.exitCode());
        result.saysError(message);
    }

    @Test
    void part_is_mounted_anew_at_each_start(Docker docker) {
        String volume = volume(docker);
        String name = docker.name("again");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                "--mount",
                "type=volume,src=" + volume + ",dst=/x,volume-subpath=d/f",
                Images.BUSYBOX,
                "cat",
                "/x");
        docker.ok("wait", name);
        docker.ok("run", "--rm", "-v", volume + ":/v", Images.BUSYBOX, "sh", "-c", "rm /v/d/f; echo other > /v/d/f");

        docker.ok("start", "-a", name);

        assertEquals(List.of("said", "other"), docker.call("logs", name).lines());
        JsonNode mount = docker.inspect(name).at("/Mounts/0");
        assertEquals(volume, mount.path("Name").asText());
        assertTrue(mount.path("Source").asText().endsWith("/_data"), mount.toString());
        docker.ok("rm", name);
        assertEquals("other", part(docker, volume, "d/f", "cat", "/x").text());
    }

    @Test
    void image_content_fills_an_empty_part(Docker docker) {
        String volume = volume(docker);

        docker.ok(
                "run",
                "--rm",
                "--mount",
                "type=volume,src=" + volume + ",dst=/bin,volume-subpath=d/e",
                Images.BUSYBOX,
                "true");

        assertTrue(part(docker, volume, "d/e", "ls", "/x").lines().contains("sh"));
        assertEquals("said", part(docker, volume, "d/f", "cat", "/x").text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "\"Type\":\"volume\",\"VolumeOptions\":{\"Subpath\":\"a\"} ~ 1.45 ~ invalid mount config for type \"volume\": must"
                        + " not set Subpath when using anonymous volumes",
                "\"Type\":\"volume\",\"Source\":\"v\",\"VolumeOptions\":{\"Subpath\":\"a\"} ~ 1.44 ~ VolumeOptions.Subpath needs API"
                        + " v1.45 or newer",
                "\"Type\":\"bind\",\"Source\":\"/etc\",\"ReadOnly\":true,\"BindOptions\":{\"ReadOnlyForceRecursive\":true} ~ 1.43 ~"
                        + " BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer",
            })
    void refused_with_the_words_of_dockerd(String mount, String version, String message, Docker docker) {
        Engine.Answer answer = new Engine(docker.endpoint())
                .post(
                        "/v" + version + "/containers/create?name=" + docker.name("refused"),
                        "{\"Image\":\"" + Images.BUSYBOX + "\",\"HostConfig\":{\"Mounts\":[{\"Target\":\"/x\"," + mount
                                + "}]}}");

        answer.is(400);
        assertEquals(message, answer.message());
    }

    @ParameterizedTest
    @CsvSource({
        "bogus=x, 'invalid option: \"bogus\"'",
        "type=tmpfs, 'missing required option: \"device\"'",
        "device=/x, 'missing required option: \"type\"'",
    })
    void options_of_the_local_driver_are_checked(String option, String message, Docker docker) {
        String name = docker.name("options");

        docker.call("volume", "create", "--opt", option, name).exits(1).saysError("create " + name + ": " + message);
        docker.call(
                        "run",
                        "--rm",
                        "--mount",
                        "type=volume,src=" + name + ",dst=/x,volume-opt=" + option,
                        Images.BUSYBOX,
                        "true")
                .exits(125)
                .saysError("create " + name + ": " + message);
    }

    /** Below /dev of whatever machine the endpoint is on there are mounts of their own. */
    @ParameterizedTest
    @CsvSource({
        "'', true",
        "'bind-recursive=enabled', true",
        "'bind-recursive=disabled', false",
    })
    void bind_reaches_what_is_mounted_in_it(String option, boolean reaches, Docker docker) {
        String mount = "type=bind,src=/dev,dst=/x" + (option.isEmpty() ? "" : "," + option);

        String mounts = docker.ok("run", "--rm", "--mount", mount, Images.BUSYBOX, "cat", "/proc/mounts");

        assertEquals(reaches, mounts.contains(" /x/pts "), mounts);
    }

    @ParameterizedTest
    @CsvSource({
        "'bind-recursive=enabled', ro",
        "'bind-recursive=readonly,bind-propagation=rprivate', ro",
        "'bind-recursive=writable', rw",
    })
    void read_only_reaches_as_far(String option, String access, Docker docker) {
        String mount = "type=bind,src=/dev,dst=/x,readonly," + option;

        List<String> mounts = docker.call("run", "--rm", "--mount", mount, Images.BUSYBOX, "cat", "/proc/mounts")
                .lines();

        assertEquals(
                access,
                mounts.stream()
                        .filter(line -> line.contains(" /x/pts "))
                        .map(line -> line.split(" ")[3].split(",")[0])
                        .findFirst()
                        .orElseThrow());
    }

    /** A file, a pipe or a socket has nothing mounted in it. */
    @Test
    void what_is_no_directory_is_mounted_read_only_too(@TempDir Path directory, Docker docker) throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "said");
        String volume = volume(docker);
        for (List<String> mount : List.of(
                List.of("-v", file + ":/etc/made/here/f:ro"),
                List.of("--mount", "type=bind,src=" + file + ",dst=/etc/made/here/f,readonly"),
                List.of("--read-only", "-v", file + ":/etc/hostname:ro"),
                List.of(
                        "--mount",
                        "type=volume,src=" + volume + ",dst=/etc/made/here/f,volume-subpath=d/f,readonly"))) {
            List<String> command = new ArrayList<>(List.of("run", "--rm"));
            command.addAll(mount);
            command.addAll(List.of(
                    Images.BUSYBOX,
                    "sh",
                    "-c",
                    "f=/etc/made/here/f; [ -e $f ] || f=/etc/hostname; cat $f; echo no >$f"));

            Result result = docker.call(command.toArray(String[]::new)).exits(1).saysError("Read-only file system");
            assertEquals("said", result.out().strip());
        }
        docker.ok("run", "--rm", "-v", directory + ":/d", Images.BUSYBOX, "mkfifo", "/d/p");
        docker.ok("run", "--rm", "-v", directory.resolve("p") + ":/p:ro", Images.BUSYBOX, "test", "-p", "/p");
    }

    /** dockerd knows them since 28. */
    private static void assumeImageMounts(Docker docker) {
        String[] version =
                docker.ok("version", "--format", "{{.Server.APIVersion}}").split("\\.");
        assumeTrue(Integer.parseInt(version[1]) >= 48, "the endpoint does not know mounts of images");
    }

    @Test
    void an_image_is_mounted(Docker docker) {
        assumeImageMounts(docker);
        String name = docker.sleeping("image", "--mount", "type=image,source=" + Images.CONFIGURED + ",target=/img");

        assertEquals("app:x:1000", docker.ok("exec", name, "sh", "-c", "grep -o ^app:x:1000 /img/etc/passwd"));
        assertEquals(docker.ok("run", "--rm", Images.BUSYBOX, "ls", "/bin"), docker.ok("exec", name, "ls", "/img/bin"));
        docker.call("exec", name, "touch", "/img/new").saysError("(?s).*Read-only file system.*");
        docker.call("exec", name, "rm", "/img/etc/passwd").saysError("(?s).*Read-only file system.*");
        JsonNode mount = docker.inspect(name).at("/Mounts/0");
        assertEquals("image", mount.path("Type").asText());
        assertEquals(Images.CONFIGURED, mount.path("Name").asText());
        assertEquals("/img", mount.path("Destination").asText());
        assertEquals(false, mount.path("RW").asBoolean());
        assertEquals(
                "image", docker.inspect(name).at("/HostConfig/Mounts/0/Type").asText());
    }

    @Test
    void part_of_an_image_is_mounted(Docker docker) {
        assumeImageMounts(docker);
        String directory = "type=image,source=" + Images.BUSYBOX + ",target=/e,image-subpath=etc";
        String file = "type=image,source=" + Images.BUSYBOX + ",target=/p,image-subpath=etc/passwd";

        assertEquals(
                docker.ok("run", "--rm", Images.BUSYBOX, "sh", "-c", "md5sum </etc/passwd; md5sum </etc/passwd"),
                docker.ok(
                        "run",
                        "--rm",
                        "--mount",
                        directory,
                        "--mount",
                        file,
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "md5sum </e/passwd; md5sum </p"));
        docker.call(
                        "run",
                        "--rm",
                        "--mount",
                        "type=image,source=" + Images.BUSYBOX + ",target=/e,image-subpath=nosuch",
                        Images.BUSYBOX,
                        "true")
                .saysError("(?s).*nosuch.*");
    }

    @Test
    void a_mounted_image_stays(Docker docker) {
        assumeImageMounts(docker);
        String base = docker.sleeping("base");
        docker.ok("exec", base, "sh", "-c", "echo kept >/kept");
        String image = docker.reference("kept") + ":t";
        docker.removeLater(image);
        docker.ok("commit", base, image);
        String name = docker.sleeping("holds", "--mount", "type=image,source=" + image + ",target=/img");

        docker.call("rmi", image).saysError("(?s).*conflict.*");
        docker.ok("restart", "-t", "0", name);
        assertEquals("kept", docker.ok("exec", name, "cat", "/img/kept"));
        docker.ok("rm", "-f", name);
        docker.ok("rmi", image);
    }

    @Test
    void a_stopped_container_has_its_image_again(Docker docker) {
        assumeImageMounts(docker);
        String name = docker.name("again");
        docker.ok(
                "run",
                "--name",
                name,
                "--mount",
                "type=image,source=" + Images.BUSYBOX + ",target=/img",
                Images.BUSYBOX,
                "ls",
                "/img/etc/passwd");

        assertEquals("/img/etc/passwd", docker.ok("start", "-a", name));
        assertEquals("A /img", docker.ok("diff", name));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{'Type':'image','Target':'/x'} ~ 1.48"
                        + " ~ invalid mount config for type \"image\": field Source must not be empty",
                "{'Type':'image','Source':'a','Target':'/x','ImageOptions':{'Subpath':'../x'}} ~ 1.48"
                        + " ~ invalid mount config for type \"image\": subpath must be a relative path within the image",
                "{'Type':'image','Source':'a','Target':'/x','BindOptions':{}} ~ 1.48"
                        + " ~ BindOptions must not be specified on mount type \"image\"",
                "{'Type':'volume','Source':'a','Target':'/x','ImageOptions':{}} ~ 1.48"
                        + " ~ ImageOptions must not be specified on mount type \"volume\"",
                "{'Type':'image','Source':'nosuch','Target':'/x'} ~ 1.48 ~ No such image: nosuch:latest",
                "{'Type':'image','Source':'a','Target':'/x'} ~ 1.45"
                        + " ~ invalid mount config for type \"image\": mount type unknown"
            })
    void image_mounts_that_are_refused(String mount, String version, String message, Docker docker) {
        if (!version.equals("1.45")) {
            assumeImageMounts(docker);
        }
        String body = "{'Image':'%s','HostConfig':{'Mounts':[%s]}}".formatted(Images.BUSYBOX, mount);

        Engine.Answer answer = new Engine(docker.endpoint())
                .post("/v" + version + "/containers/create?name=" + docker.name("refused"), body.replace('\'', '"'));

        assertEquals(message, answer.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "''        ~ rw",
                "':ro'     ~ ro",
                "':rw'     ~ rw",
                "':z'      ~ rw",
                "':Z,ro'   ~ ro",
                "':cached' ~ rw",
            })
    void mounts_of_another_container_are_taken_over(String mode, String access, Docker docker) {
        String from = docker.name("from");
        String to = docker.name("to");
        docker.ok(
                "create",
                "--name",
                from,
                "-v",
                docker.name("v") + ":/t1",
                "-v",
                "/etc:/t2:ro",
                "-v",
                "/t3",
                "--tmpfs",
                "/t4",
                Images.BUSYBOX);

        List<String> mounts = docker.call(
                        "run",
                        "--name",
                        to,
                        "--volumes-from",
                        from + mode,
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "grep ' /t[1-4] ' /proc/mounts | while read a b c d; do echo $b ${d%%,*}; done | sort")
                .lines();

        assertEquals(List.of("/t1 " + access, "/t2 ro", "/t3 " + access), mounts);
        for (JsonNode mount : docker.inspect(to).get("Mounts")) {
            assertEquals("", mount.get("Mode").asText(), mount.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"nocopy", "rshared", "bogus", "'ro,rw'", "'z,Z'"})
    void modes_that_are_none_for_taking_over_are_refused(String mode, Docker docker) {
        String from = docker.name("from");
        docker.ok("create", "--name", from, "-v", "/t", Images.BUSYBOX);

        docker.call("create", "--volumes-from", from + ":" + mode, Images.BUSYBOX)
                .exits(1)
                .saysError("invalid mode: " + mode);
    }

    @ParameterizedTest
    @CsvSource({"shared, true", "rshared, true", "private, false", "slave, false"})
    void a_tmpfs_may_be_shared(String option, boolean shared, Docker docker) {
        String mount = docker.ok(
                "run", "--rm", "--tmpfs", "/t:" + option, Images.BUSYBOX, "grep", " /t ", "/proc/self/mountinfo");

        assertEquals(shared, mount.contains(" shared:"), mount);
    }
}
