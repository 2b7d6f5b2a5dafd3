package dev.gantry.agent.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The names on one network, by which its containers find each other. A snapshot: a change makes a new one. The first question
 * sorts them: of hundreds of containers that come at once, each would do it anew.
 */
final class NetworkNames {
    private final String network;
    private final List<Named> all;
    private volatile Sorted sorted;

    /**
     * What has names on a network.
     *
     * @param names the first is the one that its addresses are called by; compared without regard to case
     * @param addresses of both families
     */
    record Named(List<String> names, List<InetAddress> addresses) {}

    /** @param network its name, which may stand behind a name as its domain */
    NetworkNames(String network, Collection<Named> all) {
        this.network = lower(network);
        this.all = List.copyOf(all);
    }

    private record Sorted(Map<String, List<InetAddress>> addresses, Map<InetAddress, String> canonical) {
        static Sorted of(List<Named> all) {
            Map<String, LinkedHashSet<InetAddress>> found = new LinkedHashMap<>();
            Map<InetAddress, String> canonical = new HashMap<>();
            for (Named one : all) {
                for (String name : one.names()) {
                    found.computeIfAbsent(lower(name), _ -> new LinkedHashSet<>())
                            .addAll(one.addresses());
                }
                one.addresses()
                        .forEach(address ->
                                canonical.putIfAbsent(address, one.names().getFirst()));
            }
            Map<String, List<InetAddress>> addresses = new HashMap<>();
            found.forEach((name, its) -> addresses.put(name, List.copyOf(its)));
            return new Sorted(addresses, canonical);
        }
    }

    /** Two threads may both do it, and come to the same. */
    private Sorted sorted() {
        Sorted done = sorted;
        if (done == null) {
            done = Sorted.of(all);
            sorted = done;
        }
        return done;
    }

    String network() {
        return network;
    }

    /**
     * The addresses of a name, both families; empty for none.
     *
     * @param name in lower case, without a final dot
     */
    List<InetAddress> addresses(String name) {
        return sorted().addresses().getOrDefault(name, List.of());
    }

    /** The name of an address with the network behind it; null for none. */
    String nameOf(InetAddress address) {
        String name = sorted().canonical().get(address);
        return name == null ? null : name + "." + network;
    }

    static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Names that may be asked for a name: the whole one on any network, and what is before each dot on the one behind it. */
    static List<Split> splits(String name) {
        List<Split> splits = new ArrayList<>();
        splits.add(new Split(name, null));
        for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
            splits.add(new Split(name.substring(0, dot), name.substring(dot + 1)));
        }
        return splits;
    }

    /** @param network null for any */
    record Split(String name, String network) {}
}
