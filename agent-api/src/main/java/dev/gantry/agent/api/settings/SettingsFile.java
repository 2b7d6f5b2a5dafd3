package dev.gantry.agent.api.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The configuration file named by the system property {@value Settings#FILE_PROPERTY}, below the environment and above
 * what the applications bring along. Its keys and the environment's are checked; with the property absent, as in tests
 * and builds, nothing is read and nothing checked, and empty it stands for no file.
 * What one setting says of another ({@link Settings#withDerived}), and the password that a file holds, are as if they stood
 * in it.
 */
public final class SettingsFile implements ConfigSource {
    private static final int BELOW_ENVIRONMENT = 275;

    private static final String PASSWORD = "gantry.postgres.password";

    private final Map<String, String> entries;
    private final String passwordFile;

    public SettingsFile() {
        String file = System.getProperty(Settings.FILE_PROPERTY);
        if (file != null) {
            Settings.checkEnvironment(System.getenv().keySet());
        }
        Map<String, String> written = file == null || file.isEmpty() ? Map.of() : Settings.read(Path.of(file));
        DaemonJson.Taken taken =
                file == null ? DaemonJson.Taken.NOTHING : DaemonJson.ofSettings(written, System.getenv());
        Map<String, String> values =
                file == null ? Map.of() : Settings.effective(taken.below(written), System.getenv());
        entries = Settings.withDerived(written, values);
        // As they are: a dollar means nothing in dockerd's file.
        taken.settings().forEach((key, value) -> entries.putIfAbsent(key, asItIs(value)));
        passwordFile = values.getOrDefault("gantry.postgres.password-file", "");
    }

    @Override
    public Set<String> getPropertyNames() {
        Set<String> names = new HashSet<>(entries.keySet());
        if (!passwordFile.isEmpty()) {
            names.add(PASSWORD);
        }
        return names;
    }

    @Override
    public String getValue(String key) {
        return key.equals(PASSWORD) && !passwordFile.isEmpty() ? password() : entries.get(key);
    }

    /** Read when it is asked for: not every part that is told of the file may read it. */
    private String password() {
        try (Stream<String> lines = Files.lines(Path.of(passwordFile))) {
            return asItIs(lines.findFirst().orElse(""));
        } catch (IOException | UncheckedIOException e) {
            throw new RefusedStart("gantry.postgres.password-file: " + passwordFile + " cannot be read");
        }
    }

    /**
     * In values, unlike in a password, <code>${...}</code> is a reference, two dollars are one, and a backslash before a dollar
     * is none: there it is written as what a reference to nothing says by default.
     */
    private static String asItIs(String text) {
        return text.replace("$", "$$").replaceAll("(\\\\+)(?=\\$)", "\\${gantry.nothing:$1}");
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
