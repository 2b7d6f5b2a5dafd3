package dev.gantry.image.catalog;

/**
 * The version of the API that a client speaks, as the gateway passes it on.
 *
 * @param minor the part after {@code 1.}
 */
record ApiVersion(int minor) {
    static final String HEADER = "X-Gantry-Api-Version";

    private static final int NEWEST = 51;

    /** @param header null or malformed means the newest */
    static ApiVersion parse(String header) {
        return new ApiVersion(
                header != null && header.matches("1\\.\\d{1,3}") ? Integer.parseInt(header.substring(2)) : NEWEST);
    }

    boolean before(int otherMinor) {
        return minor < otherMinor;
    }
}
