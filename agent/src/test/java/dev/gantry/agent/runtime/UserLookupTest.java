package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.runtime.UserLookup.Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
    void a_number_is_never_taken_for_a_name() {
        assertEquals(7, resolve("7").uid());
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
                resolve(PASSWD, GROUP, "0", List.of("wheel", "77")).groups());
    }

    @Test
    void unknown_names_are_refused_in_docker_words() {
        AgentFailure user = assertThrows(AgentFailure.class, () -> resolve("ghost"));
        AgentFailure group = assertThrows(AgentFailure.class, () -> resolve("user:ghosts"));
        AgentFailure added = assertThrows(AgentFailure.class, () -> resolve(PASSWD, GROUP, "0", List.of("ghosts")));

        assertEquals("unable to find user ghost: no matching entries in passwd file", user.getMessage());
        assertEquals("unable to find group ghosts: no matching entries in group file", group.getMessage());
        assertEquals("Unable to find group ghosts: no matching entries in group file", added.getMessage());
    }

    @Test
    void negative_and_huge_numbers_are_refused() {
        assertThrows(AgentFailure.class, () -> resolve("-1"));
        assertThrows(AgentFailure.class, () -> resolve("4294967296"));
    }

    @Test
    void a_user_in_more_groups_than_the_kernel_takes_is_refused() {
        StringBuilder groups = new StringBuilder();
        for (int i = 0; i < 70_000; i++) {
            groups.append("g").append(i).append(":x:").append(i).append(":root\n");
        }

        assertEquals(
                "user root is in more than 65536 groups of the container",
                refusal(lines(PASSWD, "/etc/passwd"), lines(groups.toString(), "/etc/group")));
    }

    @Test
    void endless_files_and_lines_are_refused_in_words() {
        assertEquals(
                "/etc/passwd in the container is larger than 16 MiB",
                refusal(endless("ghost:x:1:1::/:/bin/sh\n", "/etc/passwd"), lines(GROUP, "/etc/group")));
        assertEquals(
                "/etc/group in the container is larger than 16 MiB",
                refusal(lines(PASSWD, "/etc/passwd"), endless("g:x:5:root\n", "/etc/group")));
        assertEquals(
                "a line of /etc/passwd in the container is longer than 1048576 bytes",
                refusal(endless("x", "/etc/passwd"), lines(GROUP, "/etc/group")));
        assertEquals(
                "a line of /etc/group in the container is longer than 1048576 bytes",
                refusal(lines(PASSWD, "/etc/passwd"), endless("root:x:0:,", "/etc/group")));
    }

    @Test
    void a_member_is_found_as_a_whole_name_only() {
        String groups = "a:x:1:xroot,rootx\nb:x:2:rootroot,root\nc:x:3:root,x\nd:x:4:\n";

        assertEquals(
                List.of(0L, 2L, 3L), resolve(PASSWD, groups, "root", List.of()).groups());
    }

    @Test
    void what_is_no_regular_file_is_not_opened(@TempDir Path rootfs) throws IOException {
        Files.createDirectories(rootfs.resolve("etc/passwd"));
        Files.createSymbolicLink(rootfs.resolve("etc/group"), Path.of("/dev/zero"));

        assertEquals(new Identity(5, 0, List.of(0L), "/"), UserLookup.resolve(rootfs, "5", List.of()));
    }

    @Test
    void a_passwd_that_links_out_of_the_image_is_not_the_hosts(@TempDir Path directory) throws IOException {
        Path rootfs = Files.createDirectories(directory.resolve("rootfs/etc")).getParent();
        Files.writeString(directory.resolve("secret"), "spy:x:66:66::/spy:/bin/sh\n");
        Files.createSymbolicLink(rootfs.resolve("etc/passwd"), Path.of("../../secret"));

        assertThrows(AgentFailure.class, () -> UserLookup.resolve(rootfs, "spy", List.of()));
    }

    private static Identity resolve(String user) {
        return resolve(PASSWD, GROUP, user, List.of());
    }

    private static Identity resolve(String passwd, String group, String user, List<String> groupAdd) {
        return UserLookup.resolve(lines(passwd, "/etc/passwd"), lines(group, "/etc/group"), user, groupAdd);
    }

    private static AccountLines lines(String text, String name) {
        return new AccountLines(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), name);
    }

    /** Gives the same line again and again, far more than memory holds. */
    private static AccountLines endless(String line, String name) {
        return new AccountLines(new RepeatedLine(line), name);
    }

    private static String refusal(AccountLines passwd, AccountLines group) {
        return assertThrows(AgentFailure.class, () -> UserLookup.resolve(passwd, group, "root", List.of()))
                .getMessage();
    }

    private static final class RepeatedLine extends InputStream {
        private final byte[] line;
        private int at;

        RepeatedLine(String line) {
            this.line = line.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public int read() {
            return line[at++ % line.length];
        }
    }
}
