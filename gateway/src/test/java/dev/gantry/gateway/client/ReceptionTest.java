package dev.gantry.gateway.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReceptionTest {
    private static final String DECODER = "decoder";

    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void watch() {
        channel.freezeTime();
        channel.pipeline().addLast(DECODER, new HttpRequestDecoder());
        Reception.watch(channel, DECODER, Duration.ofSeconds(30), Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void connection_that_stays_silent_is_closed() {
        pass(29);
        assertTrue(channel.isOpen());

        pass(2);
        assertFalse(channel.isOpen());
    }

    @Test
    void half_a_head_is_not_waited_for_whatever_trickles_in() {
        send("GET /_ping HTT");
        for (int second = 0; second < 9; second++) {
            pass(1);
            send("P");
        }
        assertTrue(channel.isOpen());

        pass(2);
        assertFalse(channel.isOpen());
    }

    @Test
    void half_a_body_is_not_waited_for() {
        send("POST /containers/create HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
        pass(11);

        assertFalse(channel.isOpen());
    }

    @Test
    void whole_requests_leave_a_connection_that_may_be_idle_for_ever() {
        send("POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{");
        pass(9);
        send("}");
        pass(100_000);
        send("GET /events HTTP/1.1\r\n\r\n");
        pass(100_000);

        assertTrue(channel.isOpen());
    }

    @Test
    void upload_may_pause_and_the_request_behind_it_may_not() {
        send("POST /images/load HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
        Reception.takesItsTime(channel);
        pass(100_000);
        send("cd");
        assertTrue(channel.isOpen());

        send("GET /_pi");
        pass(11);
        assertFalse(channel.isOpen());
    }

    @Test
    void stream_may_be_silent_for_days() {
        send("POST /containers/web/attach HTTP/1.1\r\n\r\n");
        Reception.endsHere(channel);
        send("typed early");
        pass(100_000);

        assertTrue(channel.isOpen());
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }
}
