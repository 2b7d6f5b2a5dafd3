package dev.gantry.agent.volume;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;

/**
 * What a volume is besides a directory; kept in its file {@code volume.json}. Volumes without one are directories and no more.
 *
 * @param driver {@code local} or a plug-in's name
 * @param options as the driver was given them
 */
record VolumeDescription(String driver, Map<String, String> options) {
    static final String LOCAL = "local";

    VolumeDescription {
        driver = driver == null || driver.isEmpty() ? LOCAL : driver;
        options = options == null ? Map.of() : options;
    }

    @JsonIgnore
    boolean isLocal() {
        return driver.equals(LOCAL);
    }

    /** As dockerd: with a size alone nothing is mounted. */
    boolean needsMount() {
        return !isLocal() || !option("type").isEmpty() || !option("device").isEmpty();
    }

    String option(String name) {
        return options.getOrDefault(name, "");
    }
}
