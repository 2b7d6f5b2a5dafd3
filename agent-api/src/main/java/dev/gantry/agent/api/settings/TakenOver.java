package dev.gantry.agent.api.settings;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings that follow from dockerd's own configuration file. Where none is named this needs no library: settings are
 * checked before anything is started, by a program that has none.
 *
 * @param settings by their keys, as they would stand in our own file
 * @param notices a line for each key that means nothing here, with the reason
 */
record TakenOver(Map<String, String> settings, List<String> notices) {
    static final TakenOver NOTHING = new TakenOver(Map.of(), List.of());

    /**
     * What the file says that {@code gantry.daemon-json} names, if it does.
     *
     * @param file entries of our own file
     * @throws IllegalArgumentException when dockerd would not start with it, or it wants what cannot be left away
     */
    static TakenOver ofSettings(Map<String, String> file, Map<String, String> environment) {
        String written = file.getOrDefault("gantry.daemon-json", "");
        String named = environment.getOrDefault("GANTRY_DAEMON_JSON", "");
        String used = named.isEmpty() ? written : named;
        return used.isEmpty() ? NOTHING : DaemonJson.read(Path.of(used));
    }

    /** With what our own file says, which counts for more. */
    Map<String, String> below(Map<String, String> file) {
        Map<String, String> both = new HashMap<>(settings);
        both.putAll(file);
        return both;
    }
}
