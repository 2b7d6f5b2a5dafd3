package dev.gantry.agent.api.settings;

import java.util.Locale;

/**
 * One key of the configuration file.
 *
 * @param key such as {@code gantry.run-dir}
 * @param kind what values are accepted
 * @param standard what applies when nothing is said; empty for none. May refer to other keys as <code>${key}</code>
 */
public record Setting(String key, SettingKind kind, String standard, String description) {
    /** The environment variable that overrides the file: {@code GANTRY_RUN_DIR}. */
    public String environmentVariable() {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
