package dev.gantry.container.volume;

import dev.gantry.engine.EngineError;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** What a volume may be called. */
public final class VolumeNames {
    private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final int MAX = 255;
    private static final SecureRandom RANDOM = new SecureRandom();

    private VolumeNames() {}

    public static String check(String name) {
        if (name.length() == 1) {
            throw new EngineError.BadParameter("create " + name
                    + ": volume name is too short, names should be at least two alphanumeric characters");
        }
        if (!VALID.matcher(name).matches()) {
            throw new EngineError.BadParameter("create " + name + ": \"" + name
                    + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are"
                    + " allowed. If you intended to pass a host directory, use absolute path");
        }
        if (name.length() > MAX) {
            throw new EngineError.BadParameter("create " + name + ": volume name is too long");
        }
        return name;
    }

    /** 64 hex digits, for a volume that was given no name. */
    public static String generate() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
