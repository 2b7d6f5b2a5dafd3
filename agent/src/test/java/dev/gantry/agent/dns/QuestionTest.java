package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class QuestionTest {
    @Test
    void question_with_options_is_read() throws Exception {
        Message asked = Message.newQuery(Record.newRecord(Name.fromString("web."), Type.A, DClass.IN));
        asked.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);

        assertEquals(
                "web.",
                Question.read(asked.toWire())
                        .orElseThrow()
                        .getQuestion()
                        .getName()
                        .toString());
    }

    @Test
    void message_that_promises_more_than_a_question_is_refused_before_it_is_read() throws Exception {
        for (int count = 1; count < 4; count++) {
            byte[] wire = question();
            ByteBuffer.wrap(wire).putShort(4 + 2 * count, (short) 0xffff);
            refused(Rcode.FORMERR, wire);
            wire[2] |= 2; // truncated: what is promised need not be there
            refused(Rcode.FORMERR, wire);
        }
        byte[] none = question();
        ByteBuffer.wrap(none).putShort(4, (short) 0);
        refused(Rcode.FORMERR, none);
    }

    @Test
    void message_that_is_longer_than_any_question_is_refused_before_it_is_read() throws Exception {
        ByteBuffer chain = ByteBuffer.allocate(60_000).put(question());
        while (chain.remaining() >= 2) {
            chain.putShort((short) (0xc000 | chain.position() - 2 & 0x3fff));
        }

        refused(Rcode.FORMERR, chain.array());
    }

    @Test
    void another_kind_of_message_is_refused_as_such() throws Exception {
        byte[] update = question();
        update[2] |= 5 << 3;

        refused(Rcode.NOTIMP, update);
    }

    @Test
    void answers_and_shreds_get_no_answer() throws Exception {
        byte[] answer = question();
        answer[2] |= (byte) 0x80;
        for (byte[] wire : new byte[][] {answer, new byte[0], new byte[11]}) {
            assertEquals(Optional.empty(), Question.read(wire));
            assertFalse(Question.refusal(wire).isPresent());
        }
    }

    private static void refused(int code, byte[] wire) throws Exception {
        assertTrue(Question.read(wire).isEmpty());
        Message refusal = new Message(Question.refusal(wire).orElseThrow());
        assertEquals(code, refusal.getRcode());
        assertEquals(
                ByteBuffer.wrap(wire).getShort() & 0xffff, refusal.getHeader().getID());
    }

    private static byte[] question() throws Exception {
        return Message.newQuery(Record.newRecord(Name.fromString("web."), Type.A, DClass.IN))
                .toWire();
    }
}
