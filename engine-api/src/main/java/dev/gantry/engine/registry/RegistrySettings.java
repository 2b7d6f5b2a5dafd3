package dev.gantry.engine.registry;

import dev.gantry.agent.api.settings.SettingsReloaded;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * {@code gantry.registries.*}: which registries may be spoken to without TLS, or with certificates that nobody vouches
 * for, and mirrors of Docker Hub; dockerd's {@code insecure-registries} and {@code registry-mirrors}.
 */
@ApplicationScoped
public class RegistrySettings {
    private static final Pattern LOOPBACK = Pattern.compile("localhost(:\\d+)?");
    private static final List<AddressRange> LOCAL = List.of(AddressRange.of("127.0.0.0/8"), AddressRange.of("::1/128"));

    private final Config config;
    private volatile Values values;

    private record Values(List<String> insecureNames, List<AddressRange> insecureRanges, List<URI> mirrors) {}

    public RegistrySettings(Config config) {
        this.config = config;
        ask();
    }

    void reloaded(@Observes SettingsReloaded event) {
        ask();
    }

    private void ask() {
        List<String> insecure = list("gantry.registries.insecure");
        values = new Values(
                insecure.stream().filter(entry -> !entry.contains("/")).toList(),
                Stream.concat(
                                insecure.stream()
                                        .filter(entry -> entry.contains("/"))
                                        .map(AddressRange::of),
                                LOCAL.stream())
                        .toList(),
                list("gantry.registries.mirrors").stream()
                        .map(url -> URI.create(url.replaceFirst("/$", "")))
                        .toList());
    }

    private List<String> list(String key) {
        return config.getOptionalValue(key, String[].class).stream()
                .flatMap(Stream::of)
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** Of Docker Hub, to be asked before it, in this order; without a slash at their ends. */
    public List<URI> mirrors() {
        return values.mirrors();
    }

    /** As they were written: {@code host[:port]}. */
    public List<String> insecureNames() {
        return values.insecureNames();
    }

    /** {@code 10.0.0.0/8}; those of this machine are always among them. */
    public List<String> insecureRanges() {
        return values.insecureRanges().stream().map(AddressRange::text).toList();
    }

    /** Whether a registry is on this machine. */
    public static boolean isLocal(String authority) {
        return LOOPBACK.matcher(authority).matches()
                || literal(host(authority))
                        .filter(address -> LOCAL.stream().anyMatch(range -> range.has(address)))
                        .isPresent();
    }

    /**
     * Whether any certificate of a registry will do, and plain HTTP. A name is looked up only where ranges are set.
     *
     * @param authority {@code host[:port]}
     */
    public Uni<Boolean> isInsecure(String authority) {
        Values set = values;
        if (isLocal(authority) || set.insecureNames().contains(authority)) {
            return Uni.createFrom().item(true);
        }
        Optional<InetAddress> literal = literal(host(authority));
        if (literal.isPresent() || set.insecureRanges().size() == LOCAL.size()) {
            return Uni.createFrom()
                    .item(literal.filter(address -> isIn(set, address)).isPresent());
        }
        return Uni.createFrom()
                .item(() -> addresses(host(authority)).anyMatch(address -> isIn(set, address)))
                .runSubscriptionOn(Infrastructure.getDefaultExecutor());
    }

    private static boolean isIn(Values set, InetAddress address) {
        return set.insecureRanges().stream().anyMatch(range -> range.has(address));
    }

    private static Stream<InetAddress> addresses(String host) {
        try {
            return Stream.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            return Stream.empty();
        }
    }

    private static String host(String authority) {
        return authority.replaceFirst(":\\d+$", "").replaceAll("[\\[\\]]", "");
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
