package dev.gantry.container.exec;

import dev.gantry.agent.api.stream.Hijack;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;

/** Tells a client in its stream why there is no process, and closes. */
final class LastWords {
    private static final int STDOUT = 1;

    private LastWords() {}

    static Uni<Void> send(Hijack hijack, String contentType, boolean framed, String message) {
        byte[] text = (message + "\r\n").getBytes(StandardCharsets.UTF_8);
        return Uni.createFrom()
                .completionStage(() -> hijack.accept(contentType)
                        .onSuccess(accepted -> {
                            hijack.handTo(new ChannelInboundHandlerAdapter());
                            hijack.channel()
                                    .writeAndFlush(frame(text, framed))
                                    .addListener(ChannelFutureListener.CLOSE);
                        })
                        .toCompletionStage())
                .replaceWithVoid();
    }

    /** Docker's frame: stream number, three zeros, length. */
    private static ByteBuf frame(byte[] text, boolean framed) {
        ByteBuf buffer = Unpooled.buffer(text.length + 8);
        if (framed) {
            buffer.writeByte(STDOUT).writeZero(3).writeInt(text.length);
        }
        return buffer.writeBytes(text);
    }
}
