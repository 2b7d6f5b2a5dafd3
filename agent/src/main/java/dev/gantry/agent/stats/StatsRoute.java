package dev.gantry.agent.stats;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerStats;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.container.Containers;
import dev.gantry.agent.log.FailureAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;

/**
 * {@code GET /v1/containers/{id}/stats}: usage as Docker tells it, once, once with a second reading before it, or each second
 * until the container is removed.
 */
@ApplicationScoped
class StatsRoute {
    private final StatsCollector collector;
    private final Containers containers;
    private final ObjectMapper json;

    StatsRoute(StatsCollector collector, Containers containers, ObjectMapper json) {
        this.collector = collector;
        this.containers = containers;
        this.json = json;
    }

    void register(@Observes Router router) {
        router.get(AgentProtocol.PREFIX + "/containers/:id/stats").handler(this::serve);
    }

    private void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = request.response();
        String id = context.pathParam("id");
        String name = request.getParam("name");
        try {
            boolean runs = containers.runOf(id).isPresent();
            if (QueryValue.flag(request.getParam("stream"), true)) {
                response.setChunked(true);
                response.write(Buffer.buffer());
                follow(id, new Stream(id, name, response));
            } else if (!runs) {
                answer(response, ContainerStats.NONE.of(name, id));
            } else if (QueryValue.flag(request.getParam("one-shot"))) {
                Thread.ofVirtual().name("stats-" + id).start(() -> once(id, response));
            } else {
                follow(id, new Pair(id, name, response));
            }
        } catch (AgentFailure e) {
            FailureAnswer.send(response, e);
        }
    }

    /** Without a name, as dockerd answers it. On this thread: such files are read within microseconds, or not at all. */
    private void once(String id, HttpServerResponse response) {
        try {
            answer(response, collector.once(id));
        } catch (IOException ended) {
            answer(response, ContainerStats.NONE);
        } catch (AgentFailure e) {
            FailureAnswer.send(response, e);
        }
    }

    private void follow(String id, StatsCollector.Reader reader) {
        collector.add(id, reader);
    }

    private void answer(HttpServerResponse response, ContainerStats stats) {
        response.putHeader("Content-Type", "application/json").end(line(stats));
    }

    private Buffer line(ContainerStats stats) {
        try {
            return Buffer.buffer(json.writeValueAsBytes(stats)).appendByte((byte) '\n');
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gets each reading for as long as the client is there; one that does not keep up misses some. */
    private final class Stream implements StatsCollector.Reader {
        private final String id;
        private final String name;
        private final HttpServerResponse response;
        private ContainerStats before = ContainerStats.NONE;

        Stream(String id, String name, HttpServerResponse response) {
            this.id = id;
            this.name = name;
            this.response = response;
            response.closeHandler(gone -> collector.remove(id, this));
        }

        @Override
        public void begin(ContainerStats last) {
            // Its first line has nothing before it, as dockerd's.
        }

        @Override
        public boolean take(ContainerStats reading) {
            if (response.closed()) {
                return false;
            }
            if (!response.writeQueueFull()) {
                response.write(line(reading.after(before).of(name, id)));
            }
            before = reading;
            return true;
        }

        @Override
        public void end() {
            response.end();
        }
    }

    /** Gets the second of two readings. */
    private final class Pair implements StatsCollector.Reader {
        private final String id;
        private final String name;
        private final HttpServerResponse response;
        private ContainerStats before;

        Pair(String id, String name, HttpServerResponse response) {
            this.id = id;
            this.name = name;
            this.response = response;
            response.closeHandler(gone -> collector.remove(id, this));
        }

        @Override
        public void begin(ContainerStats last) {
            before = last;
        }

        @Override
        public boolean take(ContainerStats reading) {
            if (before == null) {
                before = reading;
                return !response.closed();
            }
            answer(response, reading.after(before).of(name, id));
            return false;
        }

        @Override
        public void end() {
            response.end();
        }
    }
}
