package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network whose containers share an interface of this host: macvlan or ipvlan.
 *
 * @param dummy the interface is made for the network
 * @param kind of the containers' interfaces
 * @param mode as the kernel numbers it
 * @param flag the same; of ipvlan only
 * @param mtu 0 for the interface's own
 */
record Parent(String networkId, String name, boolean dummy, Kind kind, int mode, int flag, int mtu) implements Place {
    /** Bytes. */
    private static final int MOST_MTU = 65_535;

    private static final Pattern VLAN = Pattern.compile("(.+)\\.(\\d{1,4})");
    private static final int LAST_VLAN = 4094;

    /** The kernel's words, and its numbers of linux/if_link.h. */
    enum Kind {
        MACVLAN(Map.of("private", 1, "vepa", 2, "bridge", 4, "passthru", 8), Map.of("", 0)),
        IPVLAN(Map.of("l2", 0, "l3", 1, "l3s", 2), Map.of("bridge", 0, "private", 1, "vepa", 2));

        private final Map<String, Integer> modes;
        private final Map<String, Integer> flags;

        Kind(Map<String, Integer> modes, Map<String, Integer> flags) {
            this.modes = modes;
            this.flags = flags;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param id of the VLAN */
    record Vlan(String parent, int id) {}

    static Parent of(String id, NetworkState.Parent link) {
        Kind kind = List.of(Kind.values()).stream()
                .filter(one -> one.word().equals(link.driver()))
                .findFirst()
                .orElse(null);
        Place.require(kind != null, "not a driver with a parent interface: " + link.driver());
        Place.require(kind.modes.containsKey(String.valueOf(link.mode())), "not a mode: " + link.mode());
        Place.require(kind.flags.containsKey(String.valueOf(link.flag())), "not a flag: " + link.flag());
        Place.require(link.mtu() >= 0 && link.mtu() <= MOST_MTU, "not an MTU: " + link.mtu());
        return new Parent(
                id,
                Place.checkedName(link.name()),
                link.dummy(),
                kind,
                kind.modes.get(link.mode()),
                kind.flags.get(link.flag()),
                link.mtu());
    }

    /** What its name says when it has the form {@code eth0.10}. */
    Optional<Vlan> vlan() {
        Matcher matcher = VLAN.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int id = Integer.parseInt(matcher.group(2));
        return id >= 1 && id <= LAST_VLAN ? Optional.of(new Vlan(matcher.group(1), id)) : Optional.empty();
    }

    @Override
    public boolean standing() {
        return false;
    }

    @Override
    public boolean isSamePlace(Place other) {
        return equals(other);
    }
}
