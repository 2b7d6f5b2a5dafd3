package dev.gantry.container.create;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import java.util.List;

/**
 * {@code HostConfig.SecurityOpt}, read. SELinux labels and AppArmor profiles are accepted only where they change
 * nothing, since hosts apply neither.
 *
 * @param seccomp {@code default}, {@code unconfined} or a profile's JSON
 * @param unmasked {@code systempaths=unconfined}
 */
record SecurityOptions(String seccomp, boolean noNewPrivileges, boolean unmasked) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static SecurityOptions parse(List<String> options) {
        String seccomp = "default";
        boolean noNewPrivileges = false;
        boolean unmasked = false;
        for (String option : options == null ? List.<String>of() : options) {
            if (option.equals("no-new-privileges")) {
                noNewPrivileges = true;
                continue;
            }
            // Before 1.23 the separator was a colon; clients still write it.
            String[] parts = option.split(option.indexOf('=') > 0 ? "=" : ":", 2);
            if (parts.length != 2) {
                throw new EngineError.BadParameter("invalid --security-opt 1: \"" + option + "\"");
            }
            switch (parts[0]) {
                case "seccomp" -> seccomp = profile(parts[1]);
                case "no-new-privileges" -> noNewPrivileges = truth(parts[1], option);
                case "systempaths" -> unmasked = parts[1].equals("unconfined");
                case "label" -> unsupportedUnless(parts[1].equals("disable"), "SELinux labels");
                case "apparmor" -> unsupportedUnless(parts[1].equals("unconfined"), "AppArmor profiles");
                default -> throw new EngineError.BadParameter("invalid --security-opt 2: \"" + option + "\"");
            }
        }
        return new SecurityOptions(seccomp, noNewPrivileges, unmasked);
    }

    private static String profile(String text) {
        if (text.equals("unconfined")) {
            return text;
        }
        if (text.equals("builtin") || text.equals("default")) {
            return "default";
        }
        try {
            JSON.readTree(text);
            return text;
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("Decoding seccomp profile failed: " + e.getOriginalMessage());
        }
    }

    private static boolean truth(String text, String option) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new EngineError.BadParameter("invalid --security-opt 2: \"" + option + "\"");
        };
    }

    private static void unsupportedUnless(boolean harmless, String what) {
        if (!harmless) {
            throw new EngineError.NotSupported(what + " are not supported");
        }
    }
}
