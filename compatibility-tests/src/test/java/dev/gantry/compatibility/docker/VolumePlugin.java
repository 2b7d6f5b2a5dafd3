package dev.gantry.compatibility.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A volume plug-in that keeps volumes in directories of its own. Options of a volume say what it is to be bad at: {@code create},
 * {@code mount} and {@code remove} with what they are to fail with, or {@code mountpoint} with what to answer.
 */
public final class VolumePlugin implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path socket;
    private final Path directory;
    private final String scope;
    private final ServerSocketChannel server;
    private final Map<String, JsonNode> volumes = new ConcurrentSkipListMap<>();
    private final Map<String, List<String>> mounted = new ConcurrentHashMap<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();

    /** @param socket where to listen; what is there is replaced */
    public VolumePlugin(Path socket, Path directory, String scope) throws IOException {
        this.socket = socket;
        this.directory = directory;
        this.scope = scope;
        Files.deleteIfExists(socket);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::serve);
    }

    /** Names of the calls so far, such as {@code VolumeDriver.Create}, with the volume's name. */
    public List<String> calls() {
        return calls;
    }

    /** Ids of the uses of a volume that were begun and not ended. */
    public List<String> mounted(String volume) {
        return mounted.getOrDefault(volume, List.of());
    }

    /** Somebody else than Docker makes one. */
    public void make(String volume) throws IOException {
        Files.createDirectories(directory.resolve(volume));
        volumes.put(volume, JSON.createObjectNode());
    }

    public boolean has(String volume) {
        return volumes.containsKey(volume);
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            InputStream in = Channels.newInputStream(client);
            OutputStream out = Channels.newOutputStream(client);
            String head = head(in);
            while (!head.isEmpty()) {
                int length = head.lines()
                        .filter(line -> line.toLowerCase().startsWith("content-length:"))
                        .map(line -> Integer.parseInt(line.substring(15).strip()))
                        .findFirst()
                        .orElse(0);
                byte[] body = in.readNBytes(length);
                String path = head.split(" ", 3)[1].substring(1);
                byte[] answer = JSON.writeValueAsBytes(
                        answer(path, body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body)));
                String first = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + answer.length
                        + "\r\n\r\n";
                out.write(first.getBytes(StandardCharsets.US_ASCII));
                out.write(answer);
                out.flush();
                head = head(in);
            }
        } catch (IOException e) {
            // The client went.
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    private Object answer(String method, JsonNode body) throws IOException {
        String name = body.path("Name").asText("");
        calls.add(method + " " + name);
        JsonNode options = volumes.getOrDefault(name, JSON.createObjectNode());
        return switch (method) {
            case "Plugin.Activate" -> Map.of("Implements", List.of("VolumeDriver"));
            case "VolumeDriver.Capabilities" -> Map.of("Capabilities", Map.of("Scope", scope));
            case "VolumeDriver.Create" -> create(name, body.path("Opts"));
            case "VolumeDriver.Get" ->
                volumes.containsKey(name) ? Map.of("Volume", volume(name)) : Map.of("Err", "no such volume here");
            case "VolumeDriver.List" ->
                Map.of("Volumes", volumes.keySet().stream().map(this::volume).toList());
            case "VolumeDriver.Path" -> Map.of("Mountpoint", mountpoint(name));
            case "VolumeDriver.Mount" -> mount(name, body.path("ID").asText(), options);
            case "VolumeDriver.Unmount" -> {
                mounted.getOrDefault(name, List.of()).remove(body.path("ID").asText());
                yield Map.of("Err", "");
            }
            case "VolumeDriver.Remove" -> remove(name, options);
            default -> Map.of("Err", "unknown: " + method);
        };
    }

    private Object create(String name, JsonNode options) throws IOException {
        if (options.has("create")) {
            return Map.of("Err", options.get("create").asText());
        }
        Files.createDirectories(directory.resolve(name));
        volumes.put(name, options);
        return Map.of("Err", "");
    }

    private Object mount(String name, String id, JsonNode options) {
        if (options.has("mount")) {
            return Map.of("Err", options.get("mount").asText());
        }
        mounted.computeIfAbsent(name, key -> new CopyOnWriteArrayList<>()).add(id);
        return Map.of("Mountpoint", options.path("mountpoint").asText(mountpoint(name)));
    }

    private Object remove(String name, JsonNode options) {
        if (options.has("remove")) {
            return Map.of("Err", options.get("remove").asText());
        }
        volumes.remove(name);
        return Map.of("Err", "");
    }

    private Map<String, Object> volume(String name) {
        return Map.of(
                "Name",
                name,
                "Mountpoint",
                mountpoint(name),
                "CreatedAt",
                "2020-01-02T03:04:05Z",
                "Status",
                Map.of("k", "v"));
    }

    private String mountpoint(String name) {
        return directory.resolve(name).toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }
}
