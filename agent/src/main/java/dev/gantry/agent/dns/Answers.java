package dev.gantry.agent.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** What the name server of a container says by itself; everything else is asked of other servers. */
final class Answers {
    /** Seconds that an answer may be kept, as dockerd says. */
    private static final int TTL = 600;

    /** RFC 1035, 4.2.1. */
    private static final int PLAIN_UDP = 512;

    private Answers() {}

    /** Empty when the question is for other servers. A question that is none is answered as an error. */
    static Optional<Message> answer(Message query, Asker asker, RandomGenerator random) {
        if (query.getHeader().getOpcode() != Opcode.QUERY) {
            return Optional.of(refuse(query, Rcode.NOTIMP));
        }
        Record question = query.getQuestion();
        if (question == null || query.getHeader().getCount(Section.QUESTION) != 1) {
            return Optional.of(refuse(query, Rcode.FORMERR));
        }
        if (question.getDClass() != DClass.IN) {
            return Optional.empty();
        }
        return question.getType() == Type.PTR
                ? reverse(query, question, asker)
                : forward(query, question, asker, random);
    }

    /** An answer without records, that says why. */
    static Message refuse(Message query, int code) {
        Message answer = begin(query);
        answer.getHeader().setRcode(code);
        return answer;
    }

    /** How many bytes the answer to a question over UDP may have: what the asker says, RFC 6891, 6.2.3, or 512. */
    static int limit(Message query) {
        OPTRecord options = query.getOPT();
        return options == null ? PLAIN_UDP : Math.max(PLAIN_UDP, options.getPayloadSize());
    }

    private static Optional<Message> forward(Message query, Record question, Asker asker, RandomGenerator random) {
        String name = question.getName().toString(true);
        List<InetAddress> known = asker.addresses(name);
        boolean ofAddresses = question.getType() == Type.A || question.getType() == Type.AAAA;
        if (known.isEmpty()) {
            boolean stays = ofAddresses && asker.singleLabelsStay() && name.indexOf('.') < 0;
            return stays ? Optional.of(begin(query)) : Optional.empty();
        }
        Message answer = begin(query);
        List<InetAddress> shuffled = new ArrayList<>(known);
        Collections.shuffle(shuffled, random);
        for (InetAddress address : shuffled) {
            boolean ipv4 = address instanceof Inet4Address;
            if (ipv4 && question.getType() == Type.A) {
                answer.addRecord(new ARecord(question.getName(), DClass.IN, TTL, address), Section.ANSWER);
            } else if (!ipv4 && question.getType() == Type.AAAA) {
                answer.addRecord(new AAAARecord(question.getName(), DClass.IN, TTL, address), Section.ANSWER);
            }
        }
        return Optional.of(answer);
    }

    private static Optional<Message> reverse(Message query, Record question, Asker asker) {
        try {
            String name = asker.nameOf(ReverseMap.fromName(question.getName()));
            if (name == null) {
                return Optional.empty();
            }
            Message answer = begin(query);
            answer.addRecord(
                    new PTRRecord(question.getName(), DClass.IN, TTL, Name.fromString(name + ".")), Section.ANSWER);
            return Optional.of(answer);
        } catch (UnknownHostException | TextParseException e) {
            // No address, or a name that DNS cannot say.
            return Optional.empty();
        }
    }

    private static Message begin(Message query) {
        Message answer = new Message(query.getHeader().getID());
        Header header = answer.getHeader();
        header.setOpcode(query.getHeader().getOpcode());
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        if (query.getHeader().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        if (query.getQuestion() != null) {
            answer.addRecord(query.getQuestion(), Section.QUESTION);
        }
        if (query.getOPT() != null) {
            answer.addRecord(new OPTRecord(limit(query), 0, 0), Section.ADDITIONAL);
        }
        return answer;
    }
}
