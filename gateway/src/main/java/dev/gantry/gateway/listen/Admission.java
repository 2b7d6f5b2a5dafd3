package dev.gantry.gateway.listen;

import dev.gantry.gateway.client.Client;
import dev.gantry.gateway.client.Reception;
import dev.gantry.gateway.client.WebGuard;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** What every new connection goes through: it is counted, its client identified, and its requests watched. */
final class Admission {
    private static final Logger LOG = Logger.getLogger(Admission.class);
    /** Each attach, log or event stream holds one. */
    private static final int MOST_CONNECTIONS = 4096;
    /** Vert.x' names in the pipeline. */
    private static final String DECODER = "httpDecoder";

    private static final String LAST = "handler";

    private final OperationTimes times;
    private final AtomicInteger open = new AtomicInteger();

    Admission(OperationTimes times) {
        this.times = times;
    }

    void admit(HttpConnection connection, WebGuard guard) {
        Channel channel = ((ConnectionBase) connection).channel();
        channel.closeFuture().addListener(_ -> open.decrementAndGet());
        if (open.incrementAndGet() > MOST_CONNECTIONS) {
            LOG.warnf("a connection was closed: %d are open already", MOST_CONNECTIONS);
            channel.close();
            return;
        }
        Client.identify(connection, guard);
        Reception.watch(channel, DECODER);
        channel.pipeline().addBefore(LAST, "gantry-every-answer", new EveryAnswer(times));
    }
}
