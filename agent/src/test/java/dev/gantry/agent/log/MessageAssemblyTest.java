package dev.gantry.agent.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gantry.agent.log.MessageAssembly.Place;
import dev.gantry.agent.log.remote.LogMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageAssemblyTest {
    private final List<LogMessage> messages = new ArrayList<>();
    private final MessageAssembly assembly = new MessageAssembly(false, messages::add);
    private long position;

    private void add(String text, boolean whole) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assembly.add(Place.of("file", position), Instant.EPOCH, bytes, 0, bytes.length, whole);
        position += 100;
    }

    private List<String> texts() {
        return messages.stream()
                .map(message -> new String(message.text(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void pieces_of_a_line_are_one_message() throws IOException {
        add("a", false);
        add("b", false);
        assertEquals(List.of(), texts());
        assertEquals(0, assembly.place(Place.of("file", position)).position());
        add("c", true);

        assertEquals(List.of("abc"), texts());
        assertNull(messages.getFirst().partial());
        assertEquals(position, assembly.place(Place.of("file", position)).position());
    }

    @Test
    void long_lines_are_cut_where_dockerd_cuts_them() throws IOException {
        add("x".repeat(2 * LogMessage.MOST + 1), true);
        add("y".repeat(LogMessage.MOST), true);
        add("z", false);
        assembly.end();

        assertEquals(
                List.of(LogMessage.MOST, LogMessage.MOST, 1, LogMessage.MOST, 0, 1),
                messages.stream().map(message -> message.text().length).toList());
        assertEquals(
                List.of("1 false", "2 false", "3 true", "1 false", "2 true", "1 false"),
                messages.stream()
                        .map(message -> message.partial().ordinal() + " "
                                + message.partial().last())
                        .toList());
        assertEquals(
                1,
                messages.subList(0, 3).stream()
                        .map(message -> message.partial().id())
                        .distinct()
                        .count());
    }

    @Test
    void what_was_sent_of_a_line_is_not_sent_again() throws IOException {
        add("x".repeat(LogMessage.MOST + 3), false);
        Place sent = Place.decode(assembly.place(Place.of("file", position)).encode());

        MessageAssembly next = new MessageAssembly(false, messages::add);
        next.resumeAt(sent);
        byte[] bytes = ("x".repeat(LogMessage.MOST) + "abc").getBytes(StandardCharsets.UTF_8);
        next.add(Place.of("file", 0), Instant.EPOCH, bytes, 0, bytes.length, false);
        next.add(Place.of("file", 100), Instant.EPOCH, new byte[] {'d'}, 0, 1, true);

        assertEquals(List.of("abcd"), texts().subList(1, 2));
        assertEquals(2, messages.get(1).partial().ordinal());
        assertEquals(messages.get(0).partial().id(), messages.get(1).partial().id());
    }

    @Test
    void entries_before_the_place_are_passed_over_in_older_files_too() throws IOException {
        assembly.resumeAt(Place.of("young", 100));
        byte[] bytes = {'a'};
        assembly.add(Place.of("old", 500), Instant.EPOCH, bytes, 0, 1, true);
        assembly.left("old");
        assembly.add(Place.of("young", 0), Instant.EPOCH, bytes, 0, 1, true);
        assertEquals(List.of(), texts());
        assembly.add(Place.of("young", 100), Instant.EPOCH, bytes, 0, 1, true);

        assertEquals(List.of("a"), texts());
    }
}
