package dev.gantry.agent.network;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes and unmakes what networks are on this host. */
final class Places {
    private final Bridges bridges;
    private final Parents parents;

    Places(Bridges bridges, Parents parents) {
        this.bridges = bridges;
        this.parents = parents;
    }

    /** Makes what is not there, and gives the index of the interface. */
    int ensure(Place place) throws IOException {
        return switch (place) {
            case Bridge bridge -> bridges.ensure(bridge);
            case Parent parent -> parents.ensure(parent);
        };
    }

    /** The same for many; gives those that cannot be made. */
    Map<Place, IOException> ensureAll(Collection<Place> places) throws IOException {
        Map<Place, IOException> failed = bridges.ensureAll(bridges(places));
        for (Place place : places) {
            if (place instanceof Parent parent) {
                try {
                    parents.ensure(parent);
                } catch (IOException e) {
                    failed.put(parent, e);
                }
            }
        }
        return failed;
    }

    static List<Bridge> bridges(Collection<Place> places) {
        return places.stream()
                .filter(Bridge.class::isInstance)
                .map(Bridge.class::cast)
                .toList();
    }

    /** Has the next {@link #ensure} look at the kernel again: someone else may have deleted a bridge. */
    void forget() {
        bridges.forget();
    }

    /** Takes away what we made; that it is not there is no error. */
    void remove(Place place) throws IOException {
        switch (place) {
            case Bridge bridge -> bridges.remove(bridge);
            case Parent parent -> parents.remove(parent);
        }
    }

    /** Deletes what we made but for those, and bridges with an index in {@code used}. */
    void removeExcept(Collection<Place> wanted, Set<Integer> used) throws IOException {
        Set<String> names = wanted.stream().map(Place::name).collect(Collectors.toSet());
        bridges.removeExcept(names, used);
        parents.removeExcept(names);
    }
}
