package dev.gantry.engine.tls;

import dev.gantry.agent.api.stream.PeerTls;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/**
 * Loads what the JDK needs for TLS, besides all else that happens at the start of a process: its providers, its ciphers and
 * the authorities that the machine trusts. The first connection would load them on its event loop, and whatever else that
 * serves would stand still for 1.7 seconds, measured; the second takes 10 ms.
 */
@Singleton
final class TlsAtStart {
    private static final Logger LOG = Logger.getLogger(TlsAtStart.class);
    private static final int FIRST = 1;
    /** Before anybody outside is served. */
    private static final int LATE = 8_900;

    private final boolean needed;
    private Thread loading;

    TlsAtStart(@Any Instance<TlsClient> clients, Config config) {
        this.needed = !clients.isUnsatisfied() || PeerTls.configured(config).isPresent();
    }

    void begin(@Observes @Priority(FIRST) StartupEvent event) {
        if (needed) {
            loading = Thread.ofPlatform().daemon().name("tls-at-start").start(TlsAtStart::load);
        }
    }

    void end(@Observes @Priority(LATE) StartupEvent event) throws InterruptedException {
        if (loading != null) {
            loading.join();
        }
    }

    private static void load() {
        try {
            LOG.debugf("TLS is loaded: a first message has %d bytes", firstMessage());
        } catch (Exception e) {
            LOG.warnf("TLS may not work here: %s", e);
        }
    }

    /** Made as Vert.x makes it, for nobody. The JDK keeps the authorities for as long as its own context has them. */
    static int firstMessage() throws Exception {
        SSLContext.getDefault();
        SSLEngine engine = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .build()
                .newEngine(UnpooledByteBufAllocator.DEFAULT);
        engine.beginHandshake();
        return engine.wrap(
                        ByteBuffer.allocate(0),
                        ByteBuffer.allocate(engine.getSession().getPacketBufferSize()))
                .bytesProduced();
    }
}
