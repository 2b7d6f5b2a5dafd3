package dev.gantry.agent.network;

import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.network.Links.Link;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;

/** The interfaces that networks of macvlan and ipvlan share. One that we made is ours by its alias, and goes with its network. */
final class Parents {
    private final Links links;
    private final String owner;

    /** @param owner what the alias of our interfaces begins with */
    Parents(Links links, String owner) {
        this.links = links;
        this.owner = owner;
    }

    /** The host cannot have the network; the message is for clients, in dockerd's words. */
    static final class Unavailable extends IOException {
        private static final long serialVersionUID = 1;

        Unavailable(String message, IOException cause) {
            super(message, cause);
        }
    }

    /** Makes the interface if it is one that can be made and is not there, and gives its index. */
    int ensure(Parent parent) throws IOException {
        Link there = links.find(parent.name()).orElse(null);
        if (there != null && there.index() == Links.LOOPBACK_INDEX) {
            throw new Unavailable(
                    "loopback interface is not a valid %s parent link"
                            .formatted(parent.kind().word()),
                    null);
        }
        if (there == null) {
            make(parent);
        }
        return links.indexOf(parent.name());
    }

    private void make(Parent parent) throws IOException {
        if (parent.dummy()) {
            made(parent, "dummy", () -> links.createDummy(parent.name(), owner));
            return;
        }
        Parent.Vlan vlan = parent.vlan()
                .orElseThrow(() -> new Unavailable(
                        "invalid subinterface vlan name %s, example formatting is eth0.10".formatted(parent.name()),
                        null));
        Link below = links.find(vlan.parent())
                .orElseThrow(
                        () -> new Unavailable("-o parent interface was not found on the host: " + vlan.parent(), null));
        made(parent, "vlan", () -> links.createVlan(parent.name(), owner, below.index(), vlan.id()));
    }

    private interface Making {
        void run() throws IOException;
    }

    private static void made(Parent parent, String kind, Making making) throws IOException {
        try {
            making.run();
        } catch (ErrnoException e) {
            throw new Unavailable("failed to create %s %s link: %s".formatted(parent.name(), kind, reason(e)), e);
        }
    }

    /** As dockerd says why a container has no interface there. */
    static Unavailable refused(Parent parent, ErrnoException e) {
        return new Unavailable(
                "failed to create the %s port: %s".formatted(parent.kind().word(), reason(e)), e);
    }

    private static String reason(ErrnoException e) {
        String message = e.getMessage();
        return message.substring(message.lastIndexOf(": ") + 2).toLowerCase(Locale.ROOT);
    }

    /** Takes the interface away if we made it; that it is not there is no error. */
    void remove(Parent parent) throws IOException {
        for (Link link : links.list()) {
            if (link.name().equals(parent.name()) && isOurs(link)) {
                links.delete(link.name());
            }
        }
    }

    /** Deletes those that we made but for those named. */
    void removeExcept(Set<String> wanted) throws IOException {
        for (Link link : links.list()) {
            if (isOurs(link) && !wanted.contains(link.name())) {
                links.delete(link.name());
            }
        }
    }

    private boolean isOurs(Link link) {
        return (link.kind().equals("vlan") || link.kind().equals("dummy"))
                && link.alias().equals(owner);
    }
}
