package dev.gantry.image.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Architecture;
import dev.gantry.engine.EngineError;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a program needs to run on, as containerd normalises it: {@code linux/amd64}, {@code linux/arm64},
 * {@code linux/arm/v7}. Absent parts are empty.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Platform(String os, String architecture, String variant, @JsonProperty("os.version") String osVersion) {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]+");

    public Platform {
        os = os == null ? "" : os.toLowerCase(Locale.ROOT);
        architecture = architecture == null ? "" : architecture.toLowerCase(Locale.ROOT);
        variant = variant == null ? "" : variant.toLowerCase(Locale.ROOT);
        osVersion = osVersion == null ? "" : osVersion;
        switch (architecture) {
            case "armhf" -> {
                architecture = "arm";
                variant = "v7";
            }
            case "armel" -> {
                architecture = "arm";
                variant = "v6";
            }
            default -> architecture = Architecture.ofImage(architecture);
        }
        boolean impliedVariant = (architecture.equals("arm64") && (variant.equals("v8") || variant.equals("8")))
                || (architecture.equals("amd64") && variant.equals("v1"));
        if (impliedVariant) {
            variant = "";
        } else if (architecture.equals("arm") && variant.matches("[5-8]")) {
            variant = "v" + variant;
        }
    }

    public Platform(String os, String architecture, String variant) {
        this(os, architecture, variant, "");
    }

    /** The platform of this machine. */
    public static Platform host() {
        return new Platform("linux", System.getProperty("os.arch"), "");
    }

    /** {@code os[/arch[/variant]]} or {@code arch}; empty means the host's. */
    public static Platform parse(String text) {
        if (text == null || text.isEmpty()) {
            return host();
        }
        String[] parts = text.split("/", -1);
        boolean valid = parts.length <= 3
                && Stream.of(parts).allMatch(part -> PART.matcher(part).matches());
        if (!valid) {
            throw new EngineError.BadParameter("\"" + text + "\": platform specifier component must match \""
                    + "^[A-Za-z0-9_.-]+$\": invalid argument");
        }
        if (parts.length > 1) {
            return new Platform(parts[0], parts[1], parts.length > 2 ? parts[2] : "");
        }
        return List.of("linux", "windows", "darwin", "freebsd").contains(parts[0].toLowerCase(Locale.ROOT))
                ? new Platform(parts[0], host().architecture(), "")
                : new Platform("linux", parts[0], "");
    }

    /** As the API gives it since 1.48: a JSON object; empty means the host's. */
    public static Platform parseJson(String json) {
        if (json == null || json.isEmpty()) {
            return host();
        }
        try {
            return new ObjectMapper().readValue(json, Platform.class);
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("failed to parse platform: not the expected JSON");
        }
    }

    /** Whether an image for {@code offered} can be used where this platform is asked for. */
    public boolean accepts(Platform offered) {
        return os.equals(offered.os)
                && architecture.equals(offered.architecture)
                && (variant.isEmpty() || offered.variant.isEmpty() || preference(offered) >= 0);
    }

    /** How well an accepted platform fits: 0 is exact, larger is worse, -1 not at all. */
    public int preference(Platform offered) {
        if (!os.equals(offered.os) || !architecture.equals(offered.architecture)) {
            return -1;
        }
        if (variant.equals(offered.variant)) {
            return 0;
        }
        int wanted = level();
        int given = offered.level();
        return given <= wanted ? wanted - given : variant.isEmpty() ? given - wanted : -1;
    }

    /** The variant as a number; the default of the architecture when there is none. */
    private int level() {
        if (variant.matches("v[0-9]")) {
            return variant.charAt(1) - '0';
        }
        return switch (architecture) {
            case "arm" -> 7;
            case "arm64" -> 8;
            default -> 1;
        };
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
