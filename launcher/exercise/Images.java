import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;

/** An image of links only, which has this machine's programs when /usr is mounted into it; and a registry with more. */
final class Images implements AutoCloseable {
    private final HttpServer registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();

    Images() throws IOException {
        registry.createContext("/v2/", this::serve);
        registry.start();
    }

    byte[] archive(String tag) throws Exception {
        byte[] layer = tar(Map.of("bin", "usr/bin", "lib", "usr/lib", "lib64", "usr/lib64"), Map.of());
        String manifest = "[{\"Config\":\"config.json\",\"RepoTags\":[\"" + tag + "\"],\"Layers\":[\"layer.tar\"]}]";
        return tar(
                Map.of(),
                Map.of("config.json", config(layer, ""), "manifest.json", bytes(manifest), "layer.tar", layer));
    }

    /** A reference to an image that nobody has pulled yet. */
    String publish(int number) throws Exception {
        byte[] layer = tar(Map.of(), Map.of("file", bytes("content " + number)));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(layer);
        }
        byte[] config = config(layer, "n=" + number);
        byte[] manifest = bytes("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"config\":" + descriptor("application/vnd.oci.image.config.v1+json", config) + ",\"layers\":["
                + descriptor("application/vnd.oci.image.layer.v1.tar+gzip", packed.toByteArray()) + "]}");
        content.put("exercise/" + number + "/manifests/latest", manifest);
        content.put("exercise/" + number + "/manifests/" + digest(manifest), manifest);
        return "127.0.0.1:" + registry.getAddress().getPort() + "/exercise/" + number;
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring("/v2/".length());
        byte[] body = content.get(path.replaceAll(".*/blobs/", "blobs/"));
        if (path.contains("/manifests/")) {
            exchange.getResponseHeaders().add("Content-Type", "application/vnd.oci.image.manifest.v1+json");
        }
        int status = path.isEmpty() || body != null ? 200 : 404;
        exchange.sendResponseHeaders(status, body == null || exchange.getRequestMethod().equals("HEAD") ? -1 : body.length);
        if (body != null && !exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private String descriptor(String type, byte[] blob) throws Exception {
        content.put("blobs/" + digest(blob), blob);
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest(blob) + "\",\"size\":" + blob.length + "}";
    }

    private static byte[] config(byte[] layer, String label) throws Exception {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return bytes("{\"architecture\":\"" + architecture + "\",\"os\":\"linux\",\"config\":{\"Env\":["
                + "\"PATH=/usr/bin:/bin\",\"L=" + label + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + digest(layer) + "\"]}}");
    }

    private static String digest(byte[] bytes) throws Exception {
        return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A tar with one file of {@code size} bytes. */
    static byte[] file(String name, int size) {
        return tar(Map.of(), Map.of(name, new byte[size]));
    }

    private static byte[] tar(Map<String, String> links, Map<String, byte[]> files) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        links.forEach((name, target) -> tar.writeBytes(header(name, '2', target, 0)));
        files.forEach((name, content) -> {
            tar.writeBytes(header(name, '0', "", content.length));
            tar.writeBytes(content);
            tar.writeBytes(new byte[(512 - content.length % 512) % 512]);
        });
        tar.writeBytes(new byte[1024]);
        return tar.toByteArray();
    }

    /** ustar, see tar(5). */
    private static byte[] header(String name, char type, String target, int size) {
        ByteBuffer header = ByteBuffer.allocate(512);
        header.put(0, bytes(name));
        header.put(100, bytes("0000755\0000000000\0000000000\0" + "%011o\000%011o\0".formatted(size, 0) + "        " + type + target));
        header.put(257, bytes("ustar\00000"));
        int sum = 0;
        for (byte one : header.array()) {
            sum += one & 0xff;
        }
        header.put(148, bytes("%06o\0 ".formatted(sum)));
        return header.array();
    }

    @Override
    public void close() {
        registry.stop(0);
    }
}
