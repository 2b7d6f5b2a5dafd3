package dev.gantry.image.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a registry wants to be authorised: one {@code WWW-Authenticate} header.
 *
 * @param scheme lower case: {@code basic} or {@code bearer}
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final Pattern HEADER = Pattern.compile("\\s*(\\w+)\\s*(.*)");
    private static final Pattern PARAMETER =
            Pattern.compile("(\\w+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^,\\s]*))");

    /** The strongest that we can answer. */
    static Optional<Challenge> choose(List<String> headers) {
        List<Challenge> challenges = headers.stream().map(Challenge::parse).toList();
        return find(challenges, "bearer").or(() -> find(challenges, "basic"));
    }

    private static Optional<Challenge> find(List<Challenge> challenges, String scheme) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme.equals(scheme))
                .findFirst();
    }

    private static Challenge parse(String header) {
        Matcher head = HEADER.matcher(header);
        if (!head.matches()) {
            return new Challenge("", Map.of());
        }
        Map<String, String> parameters = new HashMap<>();
        Matcher parameter = PARAMETER.matcher(head.group(2));
        while (parameter.find()) {
            String quoted = parameter.group(2);
            parameters.put(
                    parameter.group(1).toLowerCase(Locale.ROOT),
                    quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
        }
        return new Challenge(head.group(1).toLowerCase(Locale.ROOT), parameters);
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
