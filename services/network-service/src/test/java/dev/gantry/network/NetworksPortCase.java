package dev.gantry.network;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.testing.NetworksContract;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The service that the contract is run on. What an implementation is, subclasses say. */
abstract class NetworksPortCase extends NetworksContract {
    @Inject
    Networks networks;

    @Inject
    TestHosts hosts;

    @Inject
    ObjectMapper json;

    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private HttpServer agent;

    @BeforeEach
    void listen() throws IOException {
        agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        agent.createContext("/v1/networks/", exchange -> {
            NetworkState state = json.readValue(exchange.getRequestBody().readAllBytes(), NetworkState.class);
            told.add(state.id());
            byte[] answer = json.writeValueAsBytes(new NetworkState.Kept(state.version()));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        agent.start();
        hosts.listensAt("http://127.0.0.1:" + agent.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        agent.stop(0);
        hosts.listensAt("unix:///nowhere");
        running.forEach(hosts::isGone);
    }

    @Override
    protected Networks networks() {
        return networks;
    }

    @Override
    protected String hostId() {
        return TestHosts.HOST;
    }

    @Override
    protected void runs(String containerId) {
        running.add(containerId);
        hosts.runs(containerId);
    }

    @Override
    protected List<String> told() {
        return List.copyOf(told);
    }

    @Override
    protected void agentIsAway() {
        agent.stop(0);
    }
}
