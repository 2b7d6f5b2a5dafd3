package dev.gantry.agent.api.settings;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The configuration file named by the system property {@value Settings#FILE_PROPERTY}, below the environment and above
 * what the applications bring along. Its keys and the environment's are checked; with the property absent, as in tests
 * and builds, nothing is read and nothing checked, and empty it stands for no file.
 * What one setting says of another ({@link Settings#withDerived}) is as if it stood in the file.
 */
public final class SettingsFile implements ConfigSource {
    private static final int BELOW_ENVIRONMENT = 275;

    private final Map<String, String> entries;

    public SettingsFile() {
        String file = System.getProperty(Settings.FILE_PROPERTY);
        if (file != null) {
            Settings.checkEnvironment(System.getenv().keySet());
        }
        Map<String, String> written = file == null || file.isEmpty() ? Map.of() : Settings.read(Path.of(file));
        entries = file == null ? written : Settings.withDerived(written, System.getenv());
    }

    @Override
    public Set<String> getPropertyNames() {
        return entries.keySet();
    }

    @Override
    public String getValue(String key) {
        return entries.get(key);
    }

    @Override
    public int getOrdinal() {
        return BELOW_ENVIRONMENT;
    }

    @Override
    public String getName() {
        return "gantry settings file";
    }
}
