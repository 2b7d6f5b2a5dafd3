package dev.gantry.gateway.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.LastHttpContent;
import org.junit.jupiter.api.Test;

class LargeBodiesTest {
    private static final int LARGEST = 4 << 20;

    private final LargeBodies bodies = new LargeBodies();

    private static EmbeddedChannel connection() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast("handler", new ChannelInboundHandlerAdapter());
        return channel;
    }

    private EmbeddedChannel serving(long bytes, long values) {
        EmbeddedChannel connection = connection();
        bodies.claim(connection).cover(bytes, values);
        return connection;
    }

    @Test
    void large_bodies_have_room_until_it_is_taken_and_small_ones_always() {
        for (int i = 0; i < 4; i++) {
            serving(LARGEST, 0);
        }

        EngineError.Unavailable error = assertThrows(EngineError.Unavailable.class, () -> serving(65_537, 0));
        assertEquals("too many large requests at once", error.getMessage());
        serving(65_536, 20_000);
    }

    @Test
    void body_with_as_many_values_as_it_may_have_is_served_but_not_two() {
        EmbeddedChannel first = serving(LARGEST, 600_000);

        assertThrows(EngineError.Unavailable.class, () -> serving(LARGEST, 600_000));
        first.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);
        serving(LARGEST, 600_000);
    }

    @Test
    void room_comes_back_with_the_connections_end() {
        EmbeddedChannel first = serving(LARGEST, 600_000);

        first.close();

        serving(LARGEST, 600_000);
    }

    @Test
    void room_grows_with_what_is_known_of_a_body() {
        EmbeddedChannel connection = connection();
        LargeBodies.Claim claim = bodies.claim(connection);
        for (int bytes = 0; bytes <= LARGEST; bytes += 1 << 14) {
            claim.cover(bytes, 0);
        }
        claim.cover(LARGEST, 600_000);
        connection.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);

        serving(LARGEST, 600_000);
    }
}
