package dev.gantry.agent.volume;

import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Mounts;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Mounts a local volume as its options {@code type}, {@code o} and {@code device} say, as dockerd does and in its words
 * (moby's volume/local and moby/sys/mount). Blocks for as long as the filesystem's server wants.
 */
final class LocalMount {
    private static final Set<String> OF_NETWORK = Set.of("nfs", "cifs");
    /** The kernel would cut it off there. */
    private static final int MOST_DATA = 4095;

    private final VolumeDescription volume;
    private final Path target;
    private final HostRoot host;

    private LocalMount(VolumeDescription volume, Path target, HostRoot host) {
        this.volume = volume;
        this.target = target;
        this.host = host;
    }

    /** @throws IOException with dockerd's message */
    static void mount(VolumeDescription volume, Path target, HostRoot host) throws IOException {
        new LocalMount(volume, target, host).mount();
    }

    private void mount() throws IOException {
        String device = volume.option("device");
        String asked = volume.option("o");
        if (device.isEmpty()) {
            throw new IOException("missing device in volume options");
        }
        if (OF_NETWORK.contains(volume.option("type"))) {
            String address = word(asked, "addr=");
            if (!address.isEmpty() && !isIpv4(address)) {
                asked = asked.replaceFirst(
                        Pattern.quote("addr=" + address), Matcher.quoteReplacement("addr=" + resolve(address)));
            } else if (volume.option("type").equals("cifs")) {
                device = withAddress(device);
            }
        }
        mount(device, MountOptions.parse(asked));
    }

    private void mount(String device, MountOptions options) throws IOException {
        long flags = options.withoutPropagation();
        String data = options.data();
        if (!(options.isRemount() || device.equals("none")) || !data.isEmpty()) {
            if (data.length() > MOST_DATA || (device + volume.option("type") + data).indexOf('\0') >= 0) {
                throw failed("mount " + device + ":" + target, flags, data, "invalid argument");
            }
            step("mount " + device + ":" + target, onHost(device), volume.option("type"), flags, data);
        }
        if (options.propagation() != 0) {
            long change = options.propagation() | (options.recursive() ? Mounts.RECURSIVE : 0);
            step("remount " + target, "", "", change, "");
        }
        if (options.readOnlyBind()) {
            step("remount-ro " + target, "", "", flags | Mounts.REMOUNT, "");
        }
    }

    private void step(String what, String source, String type, long flags, String data) throws IOException {
        try {
            Mounts.mount(ByteStrings.of(source), ByteStrings.of(target), type, flags, ByteStrings.of(data));
        } catch (ErrnoException e) {
            throw failed(what, flags, data, e.reason());
        }
    }

    private IOException failed(String what, long flags, String data, String reason) {
        String password = word(volume.option("o"), "password=");
        String message = "failed to mount local volume: " + what
                + (flags == 0 ? "" : ", flags: 0x" + Long.toHexString(flags))
                + (data.isEmpty() ? "" : ", data: " + data)
                + ": " + reason;
        return new IOException(
                password.isEmpty() ? message : message.replace("password=" + password, "password=********"));
    }

    private String onHost(String device) {
        return device.startsWith("/") && host.isElsewhere() ? host.of(device).toString() : device;
    }

    /** The rest of the first word that begins so; empty for none. */
    private static String word(String options, String beginning) {
        return Arrays.stream(options.split(","))
                .filter(word -> word.startsWith(beginning))
                .findFirst()
                .map(word -> word.substring(beginning.length()))
                .orElse("");
    }

    private static boolean isIpv4(String address) {
        return address.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }

    /** {@code //server/share} with the server's address. */
    private static String withAddress(String device) throws IOException {
        String server;
        try {
            server = URI.create(device).getHost();
        } catch (IllegalArgumentException e) {
            throw new IOException("error parsing mount device url: " + e.getMessage(), e);
        }
        return server == null || isIpv4(server) || server.startsWith("[")
                ? device
                : device.replaceFirst(Pattern.quote(server), Matcher.quoteReplacement(resolve(server)));
    }

    /** An IPv4 address where it has one, as Go's ResolveIPAddr. */
    private static String resolve(String name) throws IOException {
        try {
            InetAddress[] all = InetAddress.getAllByName(name);
            return Arrays.stream(all)
                    .filter(Inet4Address.class::isInstance)
                    .findFirst()
                    .orElse(all[0])
                    .getHostAddress();
        } catch (UnknownHostException e) {
            String reason = e.getMessage() == null ? "" : e.getMessage().replaceFirst("^.*: ", "");
            boolean unknown = reason.contains("not known") || reason.equals(name);
            throw new IOException(
                    "error resolving passed in network volume address: lookup " + name + ": "
                            + (unknown ? "no such host" : reason),
                    e);
        }
    }
}
