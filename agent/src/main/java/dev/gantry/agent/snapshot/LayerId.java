package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.Digest;
import java.io.IOException;
import java.security.MessageDigest;

/** A checked {@link Digest} of a layer, a stack of layers or a blob; its hex digits are safe as a file name. */
record LayerId(String hex) {
    /** @throws AgentFailure {@code BAD_REQUEST} */
    static LayerId parse(String text) {
        if (!Digest.isValid(text)) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid digest: " + text);
        }
        return new LayerId(Digest.hex(text));
    }

    /** The chain id of a layer on top of a stack; {@code parent} is null for the bottom layer (OCI image-spec, config). */
    static LayerId chain(LayerId parent, LayerId diff) {
        return parse(Digest.chain(parent == null ? null : parent.toString(), diff.toString()));
    }

    static LayerId of(MessageDigest finished) {
        return parse(Digest.finish(finished));
    }

    /** @param what is digested, for the message */
    void verify(MessageDigest actual, String what) throws IOException {
        LayerId found = of(actual);
        if (!found.equals(this)) {
            throw new IOException(what + " has digest " + found + " instead of " + this);
        }
    }

    @Override
    public String toString() {
        return "sha256:" + hex;
    }
}
