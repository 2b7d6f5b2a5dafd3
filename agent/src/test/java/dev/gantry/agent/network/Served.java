package dev.gantry.agent.network;

import java.io.IOException;
import java.util.List;

/** A published port with a thread that serves it alone; closing it gives the port back. */
record Served(PortSelector selector, PortSelector.Port port) implements AutoCloseable {

    static Served of(PortSelector.Port port) throws IOException {
        PortSelector selector = new PortSelector();
        selector.add(List.of(port));
        return new Served(selector, port);
    }

    @Override
    public void close() throws IOException {
        selector.remove(List.of(port));
        selector.close();
    }
}
