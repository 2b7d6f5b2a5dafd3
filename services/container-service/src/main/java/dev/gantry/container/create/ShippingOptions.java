package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.Shipping;
import dev.gantry.agent.api.query.GoDuration;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig.LogConfig;
import dev.gantry.engine.json.Truth;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options of the log drivers that send lines away. All of them are looked at by the create, as in dockerd. */
final class ShippingOptions {
    private static final Set<String> OF_LINES = Set.of("labels", "labels-regex", "env", "env-regex", "tag");
    private static final Set<String> OF_SYSLOG = Set.of(
            "syslog-address",
            "syslog-facility",
            "syslog-format",
            "syslog-tls-ca-cert",
            "syslog-tls-cert",
            "syslog-tls-key",
            "syslog-tls-skip-verify");
    private static final Set<String> OF_FLUENTD = Set.of(
            "fluentd-address",
            "fluentd-async",
            "fluentd-async-connect",
            "fluentd-async-reconnect-interval",
            "fluentd-buffer-limit",
            "fluentd-max-retries",
            "fluentd-request-ack",
            "fluentd-retry-wait",
            "fluentd-sub-second-precision");
    private static final Set<String> OF_GELF = Set.of(
            "gelf-address",
            "gelf-compression-level",
            "gelf-compression-type",
            "gelf-tcp-max-reconnect",
            "gelf-tcp-reconnect-delay");

    private static final Set<String> FACILITIES = Set.of(
            "kern",
            "user",
            "mail",
            "daemon",
            "auth",
            "syslog",
            "lpr",
            "news",
            "uucp",
            "cron",
            "authpriv",
            "ftp",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,9}");
    private static final Pattern RAM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([kmgtp]?)i?b?");

    private ShippingOptions() {}

    static void check(LogConfig config) {
        Map<String, String> options = config.config();
        switch (config.type()) {
            case "syslog" -> {
                only(config, OF_SYSLOG, "'");
                address("syslog", options);
                String facility = options.getOrDefault("syslog-facility", "");
                boolean number = NUMBER.matcher(facility).matches()
                        && Integer.parseInt(facility) >= 0
                        && Integer.parseInt(facility) <= 23;
                refuse(!facility.isEmpty() && !number && !FACILITIES.contains(facility), "invalid syslog facility");
                refuse(
                        !Set.of("", "rfc3164", "rfc5424", "rfc5424micro")
                                .contains(options.getOrDefault("syslog-format", "")),
                        "Invalid syslog format");
            }
            case "journald" -> only(config, Set.of(), "'");
            case "fluentd" -> {
                only(config, OF_FLUENTD, "'");
                address("fluentd", options);
                checkFluentd(options);
            }
            default -> {
                address("gelf", options);
                only(config, OF_GELF, "\"");
                checkGelf(options);
            }
        }
        LogTag.check(options.getOrDefault("tag", ""));
    }

    private static void only(LogConfig config, Set<String> own, String quote) {
        for (String option : config.config().keySet()) {
            refuse(
                    !own.contains(option) && !OF_LINES.contains(option) && !LogOptions.isCommon(option),
                    "unknown log opt " + quote + option + quote + " for " + config.type() + " log driver");
        }
    }

    private static void refuse(boolean wrong, String message) {
        if (wrong) {
            throw new EngineError.BadParameter(message);
        }
    }

    private static void checkFluentd(Map<String, String> options) {
        String limit = options.getOrDefault("fluentd-buffer-limit", "");
        if (!limit.isEmpty()) {
            ramSize(limit);
        }
        duration("", options.getOrDefault("fluentd-retry-wait", ""));
        String retries = options.getOrDefault("fluentd-max-retries", "");
        refuse(
                !retries.isEmpty() && !retries.matches("[0-9]{1,19}"),
                "strconv.ParseUint: parsing \"" + retries + "\": "
                        + (retries.matches("[0-9]+") ? "value out of range" : "invalid syntax"));
        refuse(
                !options.getOrDefault("fluentd-async", "").isEmpty()
                        && !options.getOrDefault("fluentd-async-connect", "").isEmpty(),
                "conflicting options: cannot specify both 'fluentd-async' and 'fluentd-async-connect");
        for (String truth : new String[] {
            "fluentd-async", "fluentd-async-connect", "fluentd-sub-second-precision", "fluentd-request-ack"
        }) {
            String text = options.getOrDefault(truth, "");
            refuse(
                    !text.isEmpty() && Truth.parse(text).isEmpty(),
                    "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        }
        String interval = options.getOrDefault("fluentd-async-reconnect-interval", "");
        long millis = duration("invalid value for fluentd-async-reconnect-interval: ", interval);
        refuse(
                millis != 0 && (millis < 100 || millis > 10_000),
                "invalid value for fluentd-async-reconnect-interval: value (\"" + interval
                        + "\") must be between 100ms and 10s");
    }

    /** In milliseconds, rounded away from 0. */
    private static long duration(String prefix, String text) {
        try {
            long nanos = text.isEmpty() ? 0 : GoDuration.parse(text).toNanos();
            return nanos == 0 ? 0 : Math.max(1, nanos / 1_000_000);
        } catch (IllegalArgumentException e) {
            throw new EngineError.BadParameter(prefix + e.getMessage());
        }
    }

    private static void checkGelf(Map<String, String> options) {
        boolean udp = options.get("gelf-address").startsWith("udp");
        options.forEach((option, value) -> {
            boolean number = NUMBER.matcher(value).matches();
            switch (option) {
                case "gelf-compression-level", "gelf-compression-type" -> {
                    refuse(!udp, "compression is only supported on UDP");
                    boolean known = option.endsWith("type")
                            ? Set.of("gzip", "zlib", "none").contains(value)
                            : number && Integer.parseInt(value) >= -1 && Integer.parseInt(value) <= 9;
                    refuse(
                            !known,
                            "unknown value \"" + value + "\" for log opt \"" + option + "\" for gelf log driver");
                }
                case "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay" -> {
                    refuse(udp, "\"" + option + "\" is only valid for TCP");
                    refuse(!number || Integer.parseInt(value) < 0, "\"" + option + "\" must be a positive integer");
                }
                default -> {}
            }
        });
    }

    /**
     * In bytes, units are powers of 1024 (Go's {@code units.RAMInBytes}).
     *
     * @throws EngineError.BadParameter in its words
     */
    static long ramSize(String text) {
        Matcher size = RAM.matcher(text.toLowerCase(Locale.ROOT));
        refuse(!size.matches(), "invalid size: '" + text + "'");
        int power = size.group(2).isEmpty() ? 0 : "kmgtp".indexOf(size.group(2)) + 1;
        return (long) Math.min(Long.MAX_VALUE, Double.parseDouble(size.group(1)) * Math.pow(1024, power));
    }

    /** What the host is to do. @throws EngineError.BadParameter in dockerd's words for a tag or an expression that is none */
    static Shipping spec(LogConfig config, LoggedContainer container, long buffer) {
        Map<String, String> options = new HashMap<>(config.config());
        String limit = options.getOrDefault("fluentd-buffer-limit", "");
        if (!limit.isEmpty()) {
            options.put("fluentd-buffer-limit", Long.toString(ramSize(limit)));
        }
        LogAddress address = address(config.type(), options);
        String template = options.getOrDefault("tag", "");
        Map<String, String> attributes = new TreeMap<>();
        LogDetails.attributes(options, container)
                .forEach((name, value) -> attributes.put(attribute(config.type(), name), value));
        return new Shipping(
                address.network(),
                address.address(),
                options,
                LogTag.expand(template.isEmpty() ? "{{.ID}}" : template, container),
                attributes,
                container.imageId(),
                container.config().image(),
                container.command(),
                container.created(),
                buffer);
    }

    private static LogAddress address(String driver, Map<String, String> options) {
        return switch (driver) {
            case "syslog" -> LogAddress.ofSyslog(options.getOrDefault("syslog-address", ""));
            case "fluentd" -> LogAddress.ofFluentd(options.getOrDefault("fluentd-address", ""));
            case "gelf" -> LogAddress.ofGelf(options.getOrDefault("gelf-address", ""));
            default -> new LogAddress("", "");
        };
    }

    /** The journal takes capitals only, and no underline at the front. */
    private static String attribute(String driver, String name) {
        return switch (driver) {
            case "gelf" -> name.startsWith("_") ? name : "_" + name;
            case "journald" ->
                name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_").replaceFirst("^_+", "");
            default -> name;
        };
    }
}
