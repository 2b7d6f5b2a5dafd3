package dev.gantry.engine.version;

import dev.gantry.engine.EngineError;
import java.util.regex.Pattern;

/** A version of the Docker Engine API. */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    /** With which the gateway tells the owner of a request what the client speaks. */
    public static final String HEADER = "X-Gantry-Api-Version";

    public static final ApiVersion NEWEST = new ApiVersion(1, 51);
    public static final ApiVersion OLDEST = new ApiVersion(1, 24);
    private static final Pattern FORM = Pattern.compile("[0-9]+\\.[0-9]+");

    /**
     * The version that a client asked for.
     *
     * @param text digits and dots, as in the path prefix
     * @throws EngineError.BadParameter for one that is not spoken, worded as dockerd does
     */
    public static ApiVersion requested(String text) {
        ApiVersion version = parse(text);
        if (version.compareTo(NEWEST) > 0) {
            throw new EngineError.BadParameter(
                    "client version " + text + " is too new. Maximum supported API version is " + NEWEST);
        }
        if (version.compareTo(OLDEST) < 0) {
            throw new EngineError.BadParameter("client version " + text
                    + " is too old. Minimum supported API version is " + OLDEST
                    + ", please upgrade your client to a newer version");
        }
        return version;
    }

    /** What the gateway found; without its header, the newest. */
    public static ApiVersion ofHeader(String header) {
        return header == null || !FORM.matcher(header).matches() ? NEWEST : parse(header);
    }

    private static ApiVersion parse(String text) {
        String[] parts = text.split("\\.", 3);
        return new ApiVersion(number(parts[0]), parts.length > 1 ? number(parts[1]) : 0);
    }

    /** What is no number counts as 0, and what is too large as very new, as dockerd has it. */
    private static int number(String digits) {
        if (digits.isEmpty()) {
            return 0;
        }
        return digits.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }

    public boolean before(int otherMajor, int otherMinor) {
        return before(new ApiVersion(otherMajor, otherMinor));
    }

    public boolean before(ApiVersion other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(ApiVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
