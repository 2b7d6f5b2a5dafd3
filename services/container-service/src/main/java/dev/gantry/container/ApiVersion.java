package dev.gantry.container;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version that the client speaks, as the gateway found it. */
public record ApiVersion(int major, int minor) {
    public static final String HEADER = "X-Gantry-Api-Version";
    private static final ApiVersion NEWEST = new ApiVersion(1, 51);
    private static final Pattern FORM = Pattern.compile("v?([0-9]{1,3})\\.([0-9]{1,3})");

    /** The newest one when the header is missing. */
    public static ApiVersion parse(String header) {
        Matcher matcher = FORM.matcher(header == null ? "" : header);
        return matcher.matches()
                ? new ApiVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
                : NEWEST;
    }

    public boolean before(int otherMajor, int otherMinor) {
        return major < otherMajor || (major == otherMajor && minor < otherMinor);
    }
}
