package dev.gantry.agent.api.settings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final String OFF = "quarkus.otel.sdk.disabled";

    @TempDir
    Path directory;

    @Test
    void file_gives_its_entries_without_blanks_around() throws IOException {
        Path file = Files.writeString(directory.resolve("g.properties"), "# ours\ngantry.run-dir = /run/other \n");

        assertEquals(Map.of("gantry.run-dir", "/run/other"), Settings.read(file));
    }

    @Test
    void mistyped_key_is_an_error_that_names_the_nearest_known_one() throws IOException {
        Path file = Files.writeString(directory.resolve("g.properties"), "gantry.rundir=/run/other\n");

        var error = assertThrows(IllegalArgumentException.class, () -> Settings.read(file));

        assertEquals(
                "unknown setting \"gantry.rundir\" in " + file + "; did you mean \"gantry.run-dir\"?",
                error.getMessage());
    }

    @Test
    void mistyped_environment_variable_is_an_error_too() {
        var error = assertThrows(
                IllegalArgumentException.class, () -> Settings.checkEnvironment(List.of("PATH", "GANTRY_DATADIR")));

        assertEquals(
                "unknown setting \"GANTRY_DATADIR\" in the environment; did you mean \"GANTRY_DATA_DIR\"?",
                error.getMessage());
    }

    @Test
    void readme_has_a_row_for_every_setting() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));

        for (Setting setting : Settings.ALL) {
            String standard = setting.standard().isEmpty() ? "" : "`" + setting.standard() + "`";
            String row = "| `" + setting.key() + "` | " + standard + " | " + setting.description() + " |";
            assertTrue(readme.contains(row), row);
        }
    }

    @Test
    void reactive_url_follows_from_the_other_where_it_is_not_given() {
        Map<String, String> file = Map.of("gantry.postgres.jdbc-url", "jdbc:postgresql://h:1/d?sslmode=require");
        Map<String, String> given = Map.of("GANTRY_POSTGRES_REACTIVE_URL", "postgresql://other/d");

        assertEquals(
                "postgresql://h:1/d?sslmode=require",
                Settings.withDerived(file, Settings.effective(file, Map.of())).get("gantry.postgres.reactive-url"));
        assertEquals(file, Settings.withDerived(file, Settings.effective(file, given)));
    }

    @Test
    void traces_are_on_where_they_have_somewhere_to_go_unless_they_are_said_to_be_off() {
        Map<String, String> nothing = Map.of();
        Map<String, String> file = Map.of("gantry.traces.endpoint", "http://h:4318");
        Map<String, String> both = Map.of("gantry.traces.endpoint", "http://h:4318", OFF, "true");

        assertEquals(
                "false",
                Settings.withDerived(file, Settings.effective(file, Map.of())).get(OFF));
        assertEquals(
                "false",
                Settings.withDerived(
                                nothing,
                                Settings.effective(nothing, Map.of("GANTRY_TRACES_ENDPOINT", "https://h/otlp")))
                        .get(OFF));
        assertEquals(both, Settings.withDerived(both, Settings.effective(both, Map.of())));
        assertEquals(nothing, Settings.withDerived(nothing, Settings.effective(nothing, Map.of())));
    }

    @Test
    void quarkus_keys_pass() {
        assertDoesNotThrow(() -> Settings.check(List.of("quarkus.log.level"), "here"));
    }

    @Test
    void edit_distance_counts_letters_added_removed_and_replaced() {
        assertEquals(3, EditDistance.between("kitten", "sitting"));
        assertEquals(4, EditDistance.between("", "abcd"));
    }
}
