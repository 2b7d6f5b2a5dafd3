package dev.gantry.agent.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;

/**
 * What a container has sent, looked at byte by byte before anything is made of it: a message tells how many records it has, and
 * memory is taken for them before they are there; and names in it may lead from one to the next (RFC 1035, 4.1.4) thousands of
 * times.
 */
final class Question {
    /** Bytes; a name has 255 at most, and what comes with it is padded to a multiple of 128 (RFC 8467). */
    private static final int LONGEST = 1024;

    /** Options (RFC 6891) and a signature (RFC 8945). */
    private static final int MOST_ADDITIONAL = 2;

    private static final int HEADER = 12;
    private static final int RESPONSE = 0x80;
    private static final int OPCODE = 0x78;
    private static final int TRUNCATED = 0x02;

    private Question() {}

    /** Empty for what is no question, and gets no answer or {@link #refusal}. */
    static Optional<Message> read(byte[] wire) {
        if (complaint(wire) != Rcode.NOERROR) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Message(wire));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** What is said of what cannot be read as a question; empty for what is too short, or somebody's answer. */
    static Optional<byte[]> refusal(byte[] wire) {
        if (wire.length < HEADER || (wire[2] & RESPONSE) != 0) {
            return Optional.empty();
        }
        int complaint = complaint(wire);
        Message refused = new Message(Byte.toUnsignedInt(wire[0]) << 8 | Byte.toUnsignedInt(wire[1]));
        refused.getHeader().setOpcode((wire[2] & OPCODE) >> 3);
        if ((wire[2] & 1) != 0) {
            refused.getHeader().setFlag(Flags.RD);
        }
        return Optional.of(Answers.refuse(refused, complaint == Rcode.NOERROR ? Rcode.FORMERR : complaint)
                .toWire());
    }

    private static int complaint(byte[] wire) {
        if (wire.length < HEADER || (wire[2] & RESPONSE) != 0) {
            return Rcode.FORMERR;
        }
        if ((wire[2] & OPCODE) >> 3 != Opcode.QUERY) {
            return Rcode.NOTIMP;
        }
        ByteBuffer counts = ByteBuffer.wrap(wire, 4, 8);
        boolean one = counts.getShort() == 1 && counts.getShort() == 0 && counts.getShort() == 0;
        boolean few = Short.toUnsignedInt(counts.getShort()) <= MOST_ADDITIONAL;
        boolean plain = (wire[2] & TRUNCATED) == 0 && wire.length <= LONGEST;
        return one && few && plain ? Rcode.NOERROR : Rcode.FORMERR;
    }
}
