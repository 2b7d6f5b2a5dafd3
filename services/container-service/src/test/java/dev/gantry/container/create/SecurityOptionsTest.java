package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. */
class SecurityOptionsTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "`` | invalid --security-opt 1: \"\"",
                "zz | invalid --security-opt 1: \"zz\"",
                "seccomp | invalid --security-opt 1: \"seccomp\"",
                "NO-NEW-PRIVILEGES | invalid --security-opt 1: \"NO-NEW-PRIVILEGES\"",
                "= | invalid --security-opt 2: \"=\"",
                "=x | invalid --security-opt 2: \"=x\"",
                ": | invalid --security-opt 2: \":\"",
                "zz=a | invalid --security-opt 2: \"zz=a\"",
                "SECCOMP=unconfined | invalid --security-opt 2: \"SECCOMP=unconfined\"",
                "` seccomp=unconfined` | invalid --security-opt 2: \" seccomp=unconfined\"",
                "no-new-privileges= | invalid --security-opt 2: \"no-new-privileges=\"",
                "no-new-privileges=zz | invalid --security-opt 2: \"no-new-privileges=zz\"",
                "no-new-privileges=tRue | invalid --security-opt 2: \"no-new-privileges=tRue\"",
                "systempaths=zz | invalid --security-opt 2: \"systempaths=zz\"",
                "systempaths= | invalid --security-opt 2: \"systempaths=\"",
                "writable-cgroups=true | invalid --security-opt 2: \"writable-cgroups=true\"",
                "credentialspec=file://x | invalid --security-opt 2: \"credentialspec=file://x\"",
                "seccomp=[] | Decoding seccomp profile failed: it is no JSON object",
                "seccomp=5 | Decoding seccomp profile failed: it is no JSON object",
                "seccomp=null | Decoding seccomp profile failed: it is no JSON object",
            })
    void refused(String option, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> SecurityOptions.parse(List.of(option)));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{} x", "{}{}", "/etc/seccomp.json", "UNCONFINED", " ", "{'a':1}"})
    void profile_is_json(String profile) {
        EngineError error = assertThrows(
                EngineError.BadParameter.class, () -> SecurityOptions.parse(List.of("seccomp=" + profile)));

        assertEquals("Decoding seccomp profile failed: ", error.getMessage().substring(0, 33));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "no-new-privileges | default | true | false",
                "no-new-privileges=true | default | true | false",
                "no-new-privileges:true | default | true | false",
                "no-new-privileges=1 | default | true | false",
                "no-new-privileges=T | default | true | false",
                "no-new-privileges=false | default | false | false",
                "no-new-privileges=0 | default | false | false",
                "seccomp=unconfined | unconfined | false | false",
                "seccomp:unconfined | unconfined | false | false",
                "seccomp=builtin | default | false | false",
                "seccomp= | default | false | false",
                "seccomp={} | {} | false | false",
                "seccomp={\"a\":\"b=c\"} | {\"a\":\"b=c\"} | false | false",
                "seccomp:{\"a\":\"b:c\"} | {\"a\":\"b:c\"} | false | false",
                "systempaths=unconfined | default | false | true",
                "label=disable | default | false | false",
                "label:disable | default | false | false",
                "disable | default | false | false",
                "apparmor=unconfined | default | false | false",
            })
    void read(String option, String seccomp, boolean noNewPrivileges, boolean unmasked) {
        assertEquals(
                new SecurityOptions(seccomp, noNewPrivileges, unmasked, "", false),
                SecurityOptions.parse(List.of(option)));
    }

    @Test
    void last_one_wins_and_none_is_the_default() {
        assertEquals(new SecurityOptions("default", false, false, "", false), SecurityOptions.parse(null));
        assertEquals(new SecurityOptions("default", false, false, "", false), SecurityOptions.parse(List.of()));
        assertEquals(
                new SecurityOptions("{}", false, false, "", false),
                SecurityOptions.parse(
                        List.of("seccomp=unconfined", "no-new-privileges", "seccomp={}", "no-new-privileges=false")));
    }

    @Test
    void profiles_and_labels_are_left_to_the_host() {
        assertEquals("mine", SecurityOptions.parse(List.of("apparmor=mine")).appArmor());
        assertEquals(
                "",
                SecurityOptions.parse(List.of("apparmor=mine", "apparmor=unconfined"))
                        .appArmor());
        assertTrue(SecurityOptions.parse(List.of("label=type:a:b")).labelled());
        assertFalse(SecurityOptions.parse(List.of("label=disable")).labelled());
    }
}
