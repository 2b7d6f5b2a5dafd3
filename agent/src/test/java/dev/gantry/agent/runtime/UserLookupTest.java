package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.runtime.UserLookup.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserLookupTest {
    private static final String PASSWD =
            """
            root:x:0:0:root:/root:/bin/sh
            user:x:1000:1001:A user:/home/user:/bin/sh
            7:x:70:71::/seven:/bin/sh
            broken
            """;
    private static final String GROUP =
            """
            root:x:0:
            audio:x:29:pulse,user
            wheel:x:10:user
            """;

    @Test
    void nobody_asked_for_is_root() {
        assertEquals(new Identity(0, 0, List.of(0L), "/root"), resolve(""));
    }

    @Test
    void a_name_brings_its_groups_and_home() {
        assertEquals(new Identity(1000, 1001, List.of(1001L, 29L, 10L), "/home/user"), resolve("user"));
    }

    @Test
    void a_number_finds_its_entry() {
        assertEquals(new Identity(1000, 1001, List.of(1001L, 29L, 10L), "/home/user"), resolve("1000"));
    }

    @Test
    void a_number_without_entry_is_taken_as_it_is() {
        assertEquals(new Identity(4321, 0, List.of(0L), "/"), resolve("4321"));
    }

    @Test
    void a_name_that_looks_like_a_number_wins_over_the_number() {
        assertEquals(70, resolve("7").uid());
    }

    @Test
    void a_given_group_replaces_the_group_files() {
        assertEquals(new Identity(1000, 29, List.of(29L), "/home/user"), resolve("user:audio"));
        assertEquals(new Identity(1000, 555, List.of(555L), "/home/user"), resolve("user:555"));
    }

    @Test
    void added_groups_go_by_name_and_number() {
        assertEquals(
                List.of(0L, 10L, 77L),
                UserLookup.resolve(PASSWD, GROUP, "0", List.of("wheel", "77")).groups());
    }

    @Test
    void unknown_names_are_refused_in_docker_words() {
        AgentFailure user = assertThrows(AgentFailure.class, () -> resolve("ghost"));
        AgentFailure group = assertThrows(AgentFailure.class, () -> resolve("user:ghosts"));

        assertEquals("unable to find user ghost: no matching entries in passwd file", user.getMessage());
        assertEquals("unable to find group ghosts: no matching entries in group file", group.getMessage());
    }

    @Test
    void negative_and_huge_numbers_are_refused() {
        assertThrows(AgentFailure.class, () -> resolve("-1"));
        assertThrows(AgentFailure.class, () -> resolve("4294967296"));
    }

    @Test
    void a_passwd_that_links_out_of_the_image_is_not_the_hosts(@TempDir Path directory) throws IOException {
        Path rootfs = Files.createDirectories(directory.resolve("rootfs/etc")).getParent();
        Files.writeString(directory.resolve("secret"), "spy:x:66:66::/spy:/bin/sh\n");
        Files.createSymbolicLink(rootfs.resolve("etc/passwd"), Path.of("../../secret"));

        assertThrows(AgentFailure.class, () -> UserLookup.resolve(rootfs, "spy", List.of()));
    }

    private static Identity resolve(String user) {
        return UserLookup.resolve(PASSWD, GROUP, user, List.of());
    }
}
