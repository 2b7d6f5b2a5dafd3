package dev.gantry.container.create;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.json.Truth;
import java.util.List;

/**
 * {@code HostConfig.SecurityOpt}, read. Of labels for SELinux and profiles of AppArmor dockerd takes no notice on a kernel
 * without these.
 *
 * @param seccomp {@code default}, {@code unconfined} or a profile's JSON
 * @param unmasked {@code systempaths=unconfined}
 * @param appArmor empty for none
 * @param labelled whether there is a label other than {@code disable}
 */
record SecurityOptions(String seccomp, boolean noNewPrivileges, boolean unmasked, String appArmor, boolean labelled) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    static SecurityOptions parse(List<String> options) {
        String seccomp = "default";
        boolean noNewPrivileges = false;
        boolean unmasked = false;
        String appArmor = "";
        boolean labelled = false;
        for (String option : options == null ? List.<String>of() : options) {
            if (option.equals("no-new-privileges")) {
                noNewPrivileges = true;
                continue;
            }
            if (option.equals("disable")) {
                continue;
            }
            // Before 1.23 the separator was a colon; clients still write it.
            String[] parts = option.split(option.indexOf('=') >= 0 ? "=" : ":", 2);
            if (parts.length != 2) {
                throw new EngineError.BadParameter("invalid --security-opt 1: \"" + option + "\"");
            }
            switch (parts[0]) {
                case "seccomp" -> seccomp = profile(parts[1]);
                case "no-new-privileges" ->
                    noNewPrivileges = Truth.parse(parts[1]).orElseThrow(() -> unknown(option));
                case "systempaths" -> {
                    if (!parts[1].equals("unconfined")) {
                        throw unknown(option);
                    }
                    unmasked = true;
                }
                case "label" -> labelled |= !parts[1].equals("disable");
                case "apparmor" -> appArmor = parts[1].equals("unconfined") ? "" : parts[1];
                default -> throw unknown(option);
            }
        }
        return new SecurityOptions(seccomp, noNewPrivileges, unmasked, appArmor, labelled);
    }

    private static String profile(String text) {
        if (text.equals("unconfined")) {
            return text;
        }
        if (text.isEmpty() || text.equals("builtin") || text.equals("default")) {
            return "default";
        }
        try {
            if (!JSON.readTree(text).isObject()) {
                throw new EngineError.BadParameter("Decoding seccomp profile failed: it is no JSON object");
            }
            return text;
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("Decoding seccomp profile failed: it is no JSON");
        }
    }

    private static EngineError.BadParameter unknown(String option) {
        return new EngineError.BadParameter("invalid --security-opt 2: \"" + option + "\"");
    }
}
