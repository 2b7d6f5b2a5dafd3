package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.dns.NetworkNames.Named;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class AnswersTest {
    private static final NetworkNames FRONT = new NetworkNames(
            "Front",
            List.of(
                    named("web-1 web 0123456789ab", "10.1.0.2 fd00::2"),
                    named("web-2 web", "10.1.0.3"),
                    named("six", "fd00::6"),
                    named("dotted.name", "10.1.0.4")));
    private static final NetworkNames BACK =
            new NetworkNames("back.net", List.of(named("db web", "10.2.0.2"), named("front", "10.2.0.9")));
    private static final Asker ASKER = new Asker(
            List.of(FRONT, BACK), Map.of("front", Map.of("store", "WEB-2"), "back.net", Map.of("web", "db")), false);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    web-1 | A | 10.1.0.2
                    WEB-1. | A | 10.1.0.2
                    web-1 | AAAA | fd00:0:0:0:0:0:0:2
                    0123456789ab | A | 10.1.0.2
                    web-1.front | A | 10.1.0.2
                    web-1.FRONT | A | 10.1.0.2
                    db.back.net | A | 10.2.0.2
                    dotted.name | A | 10.1.0.4
                    dotted.name.front | A | 10.1.0.4
                    store | A | 10.1.0.3
                    store.front | A | 10.1.0.3
                    web.back.net | A | 10.2.0.2
                    front | A | 10.2.0.9
                    """)
    void name_of_a_network_that_is_shared_has_its_addresses(String name, String type, String address) {
        Message answer = ask(name, type).orElseThrow();

        assertEquals(Rcode.NOERROR, answer.getRcode());
        assertEquals(Set.of(address), data(answer));
        assertEquals(600, answer.getSection(Section.ANSWER).getFirst().getTTL());
        assertTrue(answer.getHeader().getFlag(Flags.QR) && answer.getHeader().getFlag(Flags.RA));
    }

    @Test
    void link_comes_before_a_name() {
        // On "back.net" the asker calls "db" by the name that others have on "front".
        assertEquals(Set.of("10.2.0.2"), data(ask("web", "A").orElseThrow()));
    }

    @Test
    void shared_name_has_all_addresses_in_changing_order() {
        Asker other = new Asker(List.of(FRONT), Map.of(), false);
        Random random = new Random(7);
        Set<String> first = new HashSet<>();
        IntStream.range(0, 50).forEach(i -> {
            Message answer = Answers.answer(query("web", Type.A), other, random).orElseThrow();
            assertEquals(Set.of("10.1.0.2", "10.1.0.3"), data(answer));
            first.add(answer.getSection(Section.ANSWER).getFirst().rdataToString());
        });

        assertEquals(2, first.size());
    }

    @ParameterizedTest
    @CsvSource({"six, A", "web-2, AAAA", "web-1, MX", "web-1, TXT", "web-1, SRV"})
    void known_name_without_such_records_is_no_error(String name, String type) {
        Message answer = ask(name, type).orElseThrow();

        assertEquals(Rcode.NOERROR, answer.getRcode());
        assertEquals(Set.of(), data(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "example.org", "web-1.other", "db.front", "web-1.front.org"})
    void name_that_nobody_has_is_for_other_servers(String name) {
        assertEquals(Optional.empty(), ask(name, "A"));
        assertEquals(Optional.empty(), ask(name, "MX"));
    }

    @Test
    void single_label_stays_when_dots_were_set_by_hand() {
        Asker stays = new Asker(List.of(FRONT), Map.of(), true);

        assertEquals(
                Rcode.NOERROR,
                Answers.answer(query("nobody", Type.A), stays, new Random())
                        .orElseThrow()
                        .getRcode());
        assertEquals(Optional.empty(), Answers.answer(query("nobody", Type.MX), stays, new Random()));
        assertEquals(Optional.empty(), Answers.answer(query("example.org", Type.A), stays, new Random()));
    }

    @Test
    void address_has_the_first_name_of_its_network() throws Exception {
        for (String address : List.of("10.1.0.2", "fd00::2")) {
            Name reverse = ReverseMap.fromAddress(InetAddress.ofLiteral(address));
            Message query = Message.newQuery(Record.newRecord(reverse, Type.PTR, DClass.IN));

            assertEquals(
                    Set.of("web-1.front."),
                    data(Answers.answer(query, ASKER, new Random()).orElseThrow()));
        }
        Name other = ReverseMap.fromAddress(InetAddress.ofLiteral("192.0.2.1"));
        assertEquals(
                Optional.empty(),
                Answers.answer(Message.newQuery(Record.newRecord(other, Type.PTR, DClass.IN)), ASKER, new Random()));
        assertEquals(Optional.empty(), ask("web-1", "PTR"));
    }

    @Test
    void what_is_no_question_is_an_error() {
        Message update = query("web-1", Type.A);
        update.getHeader().setOpcode(Opcode.UPDATE);
        assertEquals(
                Rcode.NOTIMP,
                Answers.answer(update, ASKER, new Random()).orElseThrow().getRcode());
        Message none = new Message(7);
        Message refused = Answers.answer(none, ASKER, new Random()).orElseThrow();
        assertEquals(Rcode.FORMERR, refused.getRcode());
        assertEquals(7, refused.getHeader().getID());
    }

    @Test
    void answer_that_does_not_fit_is_cut_and_says_so() throws Exception {
        String[] many = IntStream.range(0, 100).mapToObj(i -> "10.3.0." + i).toArray(String[]::new);
        Asker asker = new Asker(
                List.of(new NetworkNames("n", List.of(named("many", String.join(" ", many))))), Map.of(), false);
        Message plain = query("many", Type.A);
        Message large = query("many", Type.A);
        large.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);

        byte[] cut = Answers.answer(plain, asker, new Random()).orElseThrow().toWire(Answers.limit(plain));
        assertTrue(cut.length <= 512, cut.length + " bytes");
        assertTrue(new Message(cut).getHeader().getFlag(Flags.TC));
        byte[] whole = Answers.answer(large, asker, new Random()).orElseThrow().toWire(Answers.limit(large));
        Message read = new Message(whole);
        assertEquals(100, read.getSection(Section.ANSWER).size());
        assertTrue(read.getOPT() != null && !read.getHeader().getFlag(Flags.TC));
    }

    private static Named named(String names, String addresses) {
        return new Named(
                Arrays.asList(names.split(" ")),
                Arrays.stream(addresses.split(" ")).map(InetAddress::ofLiteral).toList());
    }

    private static Optional<Message> ask(String name, String type) {
        return Answers.answer(query(name, Type.value(type)), ASKER, new Random());
    }

    private static Message query(String name, int type) {
        try {
            return Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN));
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Set<String> data(Message answer) {
        Set<String> data = new HashSet<>();
        answer.getSection(Section.ANSWER).forEach(record -> data.add(record.rdataToString()));
        return data;
    }
}
