package dev.gantry.container.volume;

import java.util.Map;

/**
 * What a volume is to be, should it have to be made.
 *
 * @param driver null when none was asked for
 * @param options never null
 * @param labels null for none
 */
public record VolumeRequest(String driver, Map<String, String> options, Map<String, String> labels) {
    public static final String LOCAL = "local";
    public static final VolumeRequest ANY = new VolumeRequest(null, Map.of(), null);

    public VolumeRequest {
        driver = driver == null || driver.isEmpty() ? null : driver;
        options = options == null ? Map.of() : options;
    }

    /** Whether a directory is all that it takes. */
    public boolean isPlain() {
        return options.isEmpty() && driverOrLocal().equals(LOCAL);
    }

    public String driverOrLocal() {
        return driver == null ? LOCAL : driver;
    }
}
