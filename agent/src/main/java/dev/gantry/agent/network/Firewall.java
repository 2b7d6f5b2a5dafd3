package dev.gantry.agent.network;

import dev.gantry.agent.linux.Nftables;
import dev.gantry.agent.network.Ruleset.Forwarding;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Keeps our nftables rules equal to what is attached. What should be there is held in memory, so that they can be
 * made again after someone flushed the host's rules.
 */
final class Firewall {
    private static final Logger LOG = Logger.getLogger(Firewall.class);

    private final Nftables nftables;
    private final Ruleset ruleset;
    private final Map<String, Bridge> bridges = new LinkedHashMap<>();
    private final Map<String, List<Forwarding>> forwardings = new HashMap<>();
    /** Whether there may be rules for closed bridges: an agent before this one may have left some. */
    private boolean separates = true;

    Firewall(Nftables nftables, String table) {
        this.nftables = nftables;
        this.ruleset = new Ruleset(table);
    }

    /** Writes the rules for a bridge, unless they are there. */
    synchronized void admit(Bridge bridge) throws IOException {
        if (bridge.equals(bridges.get(bridge.name()))) {
            return;
        }
        Bridge before = bridges.put(bridge.name(), bridge);
        try {
            replace();
        } catch (IOException e) {
            bridges.remove(bridge.name());
            if (before != null) {
                bridges.put(before.name(), before);
            }
            throw e;
        }
    }

    /** Removes the rules for a bridge; with the last one the table goes. */
    synchronized void dismiss(Bridge bridge) throws IOException {
        Bridge before = bridges.remove(bridge.name());
        if (before == null) {
            return;
        }
        try {
            if (bridges.isEmpty()) {
                remove();
            } else {
                replace();
            }
        } catch (IOException e) {
            bridges.put(before.name(), before);
            throw e;
        }
    }

    /** Lets the ports lead to the endpoint, all of them or none. */
    synchronized void publish(String endpointId, List<Forwarding> ports) throws IOException {
        if (ports.isEmpty()) {
            return;
        }
        forwardings.put(endpointId, ports);
        try {
            String change = ruleset.add(ports);
            try {
                run(change);
            } catch (IOException e) {
                LOG.warnf("the table is made again: %s", e.getMessage());
                replace();
            }
        } catch (IOException e) {
            forwardings.remove(endpointId);
            throw e;
        }
    }

    synchronized void withdraw(String endpointId) throws IOException {
        List<Forwarding> ports = forwardings.remove(endpointId);
        if (ports == null) {
            return;
        }
        try {
            run(ruleset.delete(ports));
        } catch (IOException e) {
            LOG.warnf("the table is made again: %s", e.getMessage());
            replace();
        }
    }

    /** Makes the table hold exactly these. */
    synchronized void reset(Collection<Bridge> wanted, Map<String, List<Forwarding>> ports) throws IOException {
        bridges.clear();
        wanted.forEach(bridge -> bridges.put(bridge.name(), bridge));
        forwardings.clear();
        forwardings.putAll(ports);
        if (bridges.isEmpty()) {
            remove();
        } else {
            replace();
        }
    }

    /** Makes the tables again if someone removed one. */
    synchronized void check() throws IOException {
        if (!bridges.isEmpty() && (!isPresent(ruleset.probe()) || separates && !isPresent(ruleset.probeSeparate()))) {
            LOG.warn("our nftables table was removed by someone; it is made again");
            replace();
        }
    }

    synchronized boolean isEmpty() {
        return bridges.isEmpty();
    }

    private void remove() throws IOException {
        if (isPresent(ruleset.probe())) {
            nftables.run(ruleset.remove());
        }
        unite();
    }

    private boolean isPresent(String probe) {
        try {
            nftables.run(probe);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void replace() throws IOException {
        List<Forwarding> all =
                forwardings.values().stream().flatMap(List::stream).toList();
        nftables.run(ruleset.replace(bridges.values(), all));
        if (bridges.values().stream().allMatch(Bridge::icc)) {
            unite();
        } else {
            separates = true;
        }
    }

    private void unite() throws IOException {
        if (separates && isPresent(ruleset.probeSeparate())) {
            nftables.run(ruleset.unite());
        }
        separates = false;
    }

    private void run(String change) throws IOException {
        if (!change.isEmpty()) {
            nftables.run(change);
        }
    }
}
