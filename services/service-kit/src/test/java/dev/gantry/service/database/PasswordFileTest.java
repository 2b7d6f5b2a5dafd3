package dev.gantry.service.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.settings.Settings;
import dev.gantry.agent.api.settings.SettingsFile;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordFileTest {
    @TempDir
    Path directory;

    @AfterEach
    void forget() {
        System.clearProperty(Settings.FILE_PROPERTY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "two words ",
                "pa$$word",
                "$",
                "${x}",
                "$${gantry.run-dir}",
                "a\\$b",
                "a\\\\$b",
                "\\${x}",
                "\\\\",
                "\\",
                "x:y,z",
                "#!="
            })
    void password_is_the_first_line_as_it_is(String password) throws IOException {
        SmallRyeConfig config = config(Files.writeString(directory.resolve("secret"), password + "\nmore\n"));

        assertEquals(password, config.getRawValue("gantry.postgres.password"));
        assertEquals(
                password, config.getConfigValue("quarkus.datasource.password").getValue());
    }

    @Test
    void file_that_is_not_there_matters_to_whoever_asks() throws IOException {
        SmallRyeConfig config = config(directory.resolve("missing"));

        assertEquals("/run/gantry", config.getRawValue("gantry.run-dir"));
        assertThrows(RefusedStart.class, () -> config.getRawValue("gantry.postgres.password"));
    }

    private SmallRyeConfig config(Path secret) throws IOException {
        Path file = directory.resolve("g.properties");
        Files.writeString(
                file,
                "gantry.run-dir=/run/gantry\ngantry.postgres.password=stale\ngantry.postgres.password-file=" + secret
                        + "\nquarkus.datasource.password=${gantry.postgres.password}\n");
        System.setProperty(Settings.FILE_PROPERTY, file.toString());
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new SettingsFile())
                .build();
    }
}
