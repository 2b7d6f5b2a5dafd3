package dev.gantry.agent.api.settings;

import dev.gantry.agent.api.query.GoDuration;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a setting's value looks like. Empty ones, which stand for nothing said, are of every kind. */
public enum SettingKind {
    TEXT("text", value -> true),
    DIRECTORY("absolute path of a directory", SettingKind::isAbsolute),
    DIRECTORIES(
            "list of absolute paths of directories",
            value -> Stream.of(value.split(",", -1)).map(String::strip).allMatch(SettingKind::isAbsolute)),
    /** Longer ones do not fit into the kernel's address of a socket, {@code sun_path} of unix(7). */
    SOCKET(
            "absolute path of a socket, of at most 107 bytes",
            value -> isAbsolute(value) && value.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= 107),
    FILE("absolute path of a file", SettingKind::isAbsolute),
    PORT("port, a number from 0 to 65535", SettingKind::isPort),
    ADDRESS("host:port", SettingKind::isAddress),
    ADDRESSES(
            "list host:port,...",
            value ->
                    Pattern.compile(",").splitAsStream(value).map(String::strip).allMatch(SettingKind::isAddress)),
    BYTES("number of bytes", value -> value.matches("[0-9]{1,10}") && Long.parseLong(value) <= Integer.MAX_VALUE),
    SIZE("number of bytes", value -> value.matches("[0-9]{1,15}")),
    COUNT("number from 0 to 999999", value -> value.matches("[0-9]{1,6}")),
    REGISTRIES(
            "list of registries, host[:port], and of ranges of addresses, 10.0.0.0/8",
            value -> Stream.of(value.split(",", -1)).map(String::strip).allMatch(SettingKind::isRegistry)),
    MIRRORS("list of http://host[:port] or https://host[:port], maybe with a path", value -> Stream.of(
                    value.split(",", -1))
            .map(String::strip)
            .allMatch(url -> url.matches("https?://[A-Za-z0-9.\\[\\]:_-]+(/[^?#@\\s]*)?"))),
    /** As Go has them, not below 0. */
    DURATION("duration, such as 90s or 168h", SettingKind::isDuration),
    YES_OR_NO("truth value: true or false", value -> value.equals("true") || value.equals("false")),
    TOPOLOGY("topology: together or separate", value -> value.equals("together") || value.equals("separate")),
    KAFKA_PROTOCOL(
            "protocol: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", value -> value.matches("(SASL_)?(PLAINTEXT|SSL)")),
    SASL_MECHANISM(
            "mechanism: SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN", value -> value.matches("SCRAM-SHA-(256|512)|PLAIN")),
    URL("URL: unix:///path, http://host:port or https://host:port", SettingKind::isUrl),
    HTTP_URL("URL: http://host:port or https://host:port", value -> value.matches("https?://[^/?#@\\s]+(/[^?#\\s]*)?")),
    JDBC_URL("jdbc:postgresql://host:port/database", value -> value.startsWith("jdbc:postgresql://")),
    POSTGRES_URL(
            "postgresql://host:port/database",
            value -> value.startsWith("postgresql://") || value.startsWith("postgres://")),
    /** As the kernel has it: {@code dev_valid_name} and {@code IFNAMSIZ} of Linux. */
    INTERFACE("name of a network interface, of at most 15 letters", value -> value.matches("[A-Za-z0-9_.-]{1,15}")),
    POOLS(
            "list of networks, each with the prefix length (at most 30, for IPv6 126) of the subnets to take from it:"
                    + " 10.128.0.0/9:20,...",
            value -> Stream.of(value.split(",", -1)).map(String::strip).allMatch(SettingKind::isPool)),
    /** Not the network's own address, nor that of broadcasts. */
    BRIDGE_ADDRESS("IPv4 address with a prefix length of at most 30: 192.0.2.1/24", SettingKind::isBridgeAddress),
    RUNTIMES("list of runtimes, name=/path argument,...; runc keeps its own path", value -> Stream.of(
                    value.split(",", -1))
            .allMatch(one -> one.matches("\\s*(?!runc=)[A-Za-z0-9][A-Za-z0-9_.-]*=/\\S+( +\\S+)*\\s*"))),
    LIST("list, with commas between", value -> value.indexOf('\n') < 0),
    LIMITS("list of limits, nofile=1024:2048,...", value -> Stream.of(value.split(",", -1))
            .allMatch(limit -> limit.matches("[a-z]+=-?\\d{1,18}(:-?\\d{1,18})?"))),
    IP_ADDRESSES(
            "list of IP addresses", value -> Stream.of(value.split(",", -1)).allMatch(SettingKind::isIpAddress)),
    IPC_MODE("mode: private or shareable", value -> value.matches("private|shareable")),
    CGROUP_NAMESPACE("mode: private or host", value -> value.matches("private|host")),
    TABLE("name of an nftables table", value -> value.matches("[A-Za-z][A-Za-z0-9_./\\\\-]{0,63}"));

    private static final Pattern POOL = Pattern.compile("([\\d.]+|[\\da-fA-F:]+)/(\\d{1,3}):(\\d{1,3})");

    private final String wanted;
    private final Predicate<String> fits;

    SettingKind(String wanted, Predicate<String> fits) {
        this.wanted = wanted;
        this.fits = fits;
    }

    boolean fits(String value) {
        return value.isEmpty() || fits.test(value);
    }

    private static boolean isDuration(String value) {
        try {
            return !GoDuration.parse(value).isNegative();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What it should be, for a message. */
    String wanted() {
        return wanted;
    }

    private static boolean isAbsolute(String value) {
        return value.indexOf('\0') < 0 && Path.of(value).isAbsolute();
    }

    private static boolean isPort(String value) {
        return value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= 65_535;
    }

    private static boolean isAddress(String value) {
        int colon = value.lastIndexOf(':');
        return colon > 0 && isPort(value.substring(colon + 1));
    }

    private static boolean isPool(String value) {
        Matcher matcher = POOL.matcher(value);
        if (!matcher.matches()) {
            return false;
        }
        int base = Integer.parseInt(matcher.group(2));
        int size = Integer.parseInt(matcher.group(3));
        try {
            byte[] address = InetAddress.ofLiteral(matcher.group(1)).getAddress();
            int bits = address.length * Byte.SIZE;
            return base >= 1
                    && base <= size
                    && size <= bits - 2
                    && new BigInteger(1, address).getLowestSetBit() >= bits - base;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isBridgeAddress(String value) {
        Matcher matcher = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+)/([1-9]|[12]\\d|30)")
                .matcher(value);
        if (!matcher.matches() || !isIpAddress(matcher.group(1))) {
            return false;
        }
        int rest = 32 - Integer.parseInt(matcher.group(2));
        BigInteger machine = new BigInteger(
                        1, InetAddress.ofLiteral(matcher.group(1)).getAddress())
                .and(BigInteger.ONE.shiftLeft(rest).subtract(BigInteger.ONE));
        return machine.signum() > 0 && machine.bitCount() < rest;
    }

    private static boolean isRegistry(String value) {
        Matcher range = Pattern.compile("(.*)/(\\d{1,3})").matcher(value);
        return range.matches()
                ? isIpAddress(range.group(1)) && Integer.parseInt(range.group(2)) <= (value.contains(":") ? 128 : 32)
                : value.matches("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?")
                        && (value.endsWith("]") || value.indexOf(':') < 0 || isAddress(value));
    }

    private static boolean isIpAddress(String value) {
        try {
            return InetAddress.ofLiteral(value.strip()) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isUrl(String value) {
        return value.startsWith("unix:///") || value.matches("https?://[^/?#\\s]+(/\\S*)?");
    }
}
