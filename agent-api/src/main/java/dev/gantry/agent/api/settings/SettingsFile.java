package dev.gantry.agent.api.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The configuration file named by the system property {@value Settings#FILE_PROPERTY}, below the environment and above
 * what the applications bring along. Its keys and the environment's are checked; with the property absent, as in tests
 * and builds, nothing is read and nothing checked, and empty it stands for no file.
 * What one setting says of another ({@link Settings#withDerived}), the password that a file holds, and what dockerd's file
 * says ({@link DaemonJson}) are as if they stood in it.
 */
public final class SettingsFile implements ConfigSource {
    private static final int BELOW_ENVIRONMENT = 275;

    private static final String PASSWORD = "gantry.postgres.password";

    /** What a process may take up while it runs. */
    private static final Pattern LIVE =
            Pattern.compile("gantry\\.(labels|agent\\.runtime|containers\\..*|registries\\.(insecure|mirrors))");

    /** Entries of that kind as they are since the last {@link #reload}; null before the first. */
    private static volatile Map<String, String> live;

    /** What the process began with, but for those. */
    private static volatile Map<String, String> atStart;

    private final Map<String, String> entries;
    private final String passwordFile;

    public SettingsFile() {
        String file = System.getProperty(Settings.FILE_PROPERTY);
        if (file != null) {
            Settings.checkEnvironment(System.getenv().keySet());
        }
        Map<String, String> written = file == null || file.isEmpty() ? Map.of() : Settings.read(Path.of(file));
        TakenOver taken = file == null ? TakenOver.NOTHING : TakenOver.ofSettings(written, System.getenv());
        Map<String, String> values =
                file == null ? Map.of() : Settings.effective(taken.below(written), System.getenv());
        entries = Settings.withDerived(written, values);
        // As they are: a dollar means nothing in dockerd's file.
        taken.settings().forEach((key, value) -> entries.putIfAbsent(key, asItIs(value)));
        passwordFile = values.getOrDefault("gantry.postgres.password-file", "");
        if (atStart == null) {
            atStart = entries;
        }
    }

    /**
     * Reads the file again, and dockerd's. What can change meanwhile has its new value for whoever asks from now on.
     *
     * @return keys whose new values count from the next start on
     * @throws RuntimeException when they would not do for a start; then everything stays as it is
     */
    static synchronized List<String> reload() {
        SettingsFile now = new SettingsFile();
        Map<String, String> before = atStart;
        live = now.entries.entrySet().stream()
                .filter(entry -> LIVE.matcher(entry.getKey()).matches())
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        return Stream.concat(before.keySet().stream(), now.entries.keySet().stream())
                .distinct()
                .filter(key -> !LIVE.matcher(key).matches())
                .filter(key -> !Objects.equals(before.get(key), now.entries.get(key)))
                .sorted()
                .toList();
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
        if (key.equals(PASSWORD) && !passwordFile.isEmpty()) {
            return password();
        }
        Map<String, String> changed = live;
        return changed != null && LIVE.matcher(key).matches() ? changed.get(key) : entries.get(key);
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
