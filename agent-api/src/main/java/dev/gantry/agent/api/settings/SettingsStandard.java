package dev.gantry.agent.api.settings;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** The standard values of {@link Settings}: anything else that sets a key wins. */
public final class SettingsStandard implements ConfigSource {
    private static final Map<String, String> ENTRIES = Settings.ALL.stream()
            .filter(setting -> !setting.standard().isEmpty())
            .collect(Collectors.toUnmodifiableMap(Setting::key, Setting::standard));

    @Override
    public Set<String> getPropertyNames() {
        return ENTRIES.keySet();
    }

    @Override
    public String getValue(String key) {
        return ENTRIES.get(key);
    }

    @Override
    public int getOrdinal() {
        return 1;
    }

    @Override
    public String getName() {
        return "gantry standard settings";
    }
}
