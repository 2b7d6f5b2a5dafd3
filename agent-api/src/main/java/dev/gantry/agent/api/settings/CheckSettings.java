package dev.gantry.agent.api.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Checks all settings before anything is started: prints what is wrong as one line and exits with 2. Arguments: the
 * configuration file, or an empty one for none; then, as {@code key=host:port}, each address that nobody else may have.
 * Settings that dockerd's file has made it prints on its standard output, one a line, and on the other what of it means nothing here.
 */
public final class CheckSettings {
    private static final int REFUSED = 2;

    private CheckSettings() {}

    public static void main(String... args) {
        try {
            TakenOver taken = check(args.length == 0 ? "" : args[0], System.getenv());
            taken.settings().forEach((key, value) -> System.out.println(key + "=" + value));
            taken.notices().forEach(notice -> System.err.println("gantry: " + notice));
            for (String wanted : List.of(args).subList(Math.min(1, args.length), args.length)) {
                requireFree(wanted);
            }
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            System.err.println("gantry: " + e.getMessage());
            System.exit(REFUSED);
        }
    }

    /**
     * @param file may be empty
     * @throws RuntimeException one of several kinds; the message names the key
     */
    static TakenOver check(String file, Map<String, String> environment) {
        Settings.checkEnvironment(environment.keySet());
        Map<String, String> entries = file.isEmpty() ? Map.of() : Settings.read(Path.of(file));
        TakenOver taken = TakenOver.ofSettings(entries, environment);
        Map<String, String> values = Settings.effective(taken.below(entries), environment);
        SafeListening.require(values::get);
        for (Setting setting : Settings.ALL) {
            String value = values.get(setting.key());
            if (setting.kind() == SettingKind.FILE && !value.isEmpty() && !Files.isReadable(Path.of(value))) {
                throw new RefusedStart(setting.key() + ": " + value + " cannot be read");
            }
        }
        return taken;
    }

    /** @throws RefusedStart when something listens there, or nothing can */
    static void requireFree(String wanted) {
        String address = wanted.substring(wanted.indexOf('=') + 1);
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = Integer.parseInt(address.substring(colon + 1));
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            throw new RefusedStart(wanted + ": there is no host " + host);
        } catch (IOException e) {
            throw new RefusedStart(wanted + ": " + e.getMessage());
        }
    }
}
