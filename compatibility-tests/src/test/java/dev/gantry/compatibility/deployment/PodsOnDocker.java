package dev.gantry.compatibility.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.gantry.compatibility.deployment.Manifests.Workload;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.docker.TlsDocker;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The overlay {@code small} without a kubelet: each pod is a container of a Docker endpoint, with the user, mounts, variables,
 * command, limits and probes that its manifest says; only the sizes of its empty directories are not held to. Names of Services
 * are names in a network.
 */
public final class PodsOnDocker {
    private static final String NETWORK = "gantry-pods";
    private static final String SUBNET = "172.31.248.";
    private static final String HOST_ADDRESS = SUBNET + "1";
    private static final String AGENT = "172-31-248-1.agent.gantry.svc.cluster.local";
    private static final int FIRST_ADDRESS = 10;
    private static final long STARTED_WITHIN_SECONDS = 300;

    private final Docker host;
    private final Path directory;
    private final Map<String, String> images;
    private final Map<String, String> settings;
    private final Manifests manifests;
    private final Map<String, String> addresses = new LinkedHashMap<>();
    private Map<String, Map<String, byte[]>> secrets;

    /**
     * Skips the test where nothing can render the overlay.
     *
     * @param directory for volumes, Secrets, and the agent's {@code data} and {@code run}
     * @param version of the images, which the host has
     * @param settings of all parts besides, by their variables
     */
    public PodsOnDocker(Docker host, Path directory, String version, Map<String, String> settings) {
        this.host = host;
        this.directory = directory;
        this.settings = settings;
        this.manifests = Overlay.SMALL.manifests();
        this.images = Map.of("postgres", "gantry/postgres:" + version, "apache/kafka", "gantry/kafka:" + version);
        for (Workload workload : manifests.workloads()) {
            addresses.put(
                    workload.name(),
                    workload.name().equals("agent") ? HOST_ADDRESS : SUBNET + (FIRST_ADDRESS + addresses.size()));
        }
    }

    /** Starts all of them, and waits until each says that it is ready. */
    public void up() throws IOException, InterruptedException {
        secrets = secrets();
        host.ok("network", "create", "--subnet", SUBNET + "0/24", "--gateway", HOST_ADDRESS, NETWORK);
        for (Workload workload : manifests.workloads()) {
            host.ok(run(workload).toArray(String[]::new));
        }
        for (Workload workload : manifests.workloads()) {
            await(workload, workload.container().getStartupProbe());
            await(workload, workload.container().getReadinessProbe());
        }
    }

    /** The gateway, as a client with a certificate sees it. */
    public TlsDocker docker() {
        return new TlsDocker(directory.resolve("authority/for/client"), addresses.get("gateway") + ":2376");
    }

    /** The same with the certificate that a part has for its peers: such are no client's. */
    public TlsDocker dockerAs(String part) throws IOException {
        Path its = directory.resolve("authority/for/" + part);
        Path keys = Files.createDirectories(directory.resolve("as-" + part));
        Files.copy(directory.resolve("authority/for/client/ca.pem"), keys.resolve("ca.pem"));
        Files.copy(its.resolve("tls.crt"), keys.resolve("cert.pem"));
        Files.copy(its.resolve("tls.key"), keys.resolve("key.pem"));
        return new TlsDocker(keys, docker().address());
    }

    public void remove() {
        List<String> pods = manifests.workloads().stream().map(Workload::name).toList();
        List<String> stop = new ArrayList<>(List.of("stop", "-t", "60"));
        stop.addAll(pods);
        host.call(stop.toArray(String[]::new));
        pods.forEach(name -> host.call("rm", "-fv", name));
        host.call("network", "rm", NETWORK);
    }

    /** As who installs without cert-manager makes them. */
    private Map<String, Map<String, byte[]>> secrets() throws IOException {
        String printed = Kubectl.run(
                "env",
                "KUBECTL=" + Kubectl.required(),
                Project.file("k8s/secrets").toString(),
                directory.resolve("authority").toString(),
                addresses.get("gateway"));
        Map<String, Map<String, byte[]>> made = new LinkedHashMap<>();
        try (var documents = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(printed)) {
            while (documents.hasNextValue()) {
                JsonNode secret = documents.nextValue();
                Map<String, byte[]> files = new LinkedHashMap<>();
                secret.get("data")
                        .properties()
                        .forEach(file -> files.put(
                                file.getKey(),
                                Base64.getDecoder().decode(file.getValue().asText())));
                made.put(secret.at("/metadata/name").asText(), files);
            }
        }
        return made;
    }

    private List<String> run(Workload workload) throws IOException {
        Container container = workload.container();
        List<String> command = new ArrayList<>(List.of("run", "-d", "--restart=always", "--name", workload.name()));
        if (Boolean.TRUE.equals(workload.pod().getHostNetwork())) {
            command.add("--network=host");
            addresses.forEach((name, address) -> command.add("--add-host=" + name + ":" + address));
        } else {
            command.addAll(List.of("--network", NETWORK, "--ip", addresses.get(workload.name())));
            services(workload).forEach(name -> command.add("--network-alias=" + name));
        }
        command.add("--add-host=" + AGENT + ":" + HOST_ADDRESS);
        if (Boolean.TRUE.equals(workload.pod().getHostPID())) {
            // The kubelet's containers have their host's control groups as well.
            command.addAll(List.of("--pid=host", "--cgroupns=host"));
        }
        rights(workload, command);
        variables(workload).forEach((name, value) -> command.add("--env=" + name + "=" + value));
        for (VolumeMount mount : container.getVolumeMounts()) {
            command.add(mounted(workload, mount));
        }
        Map<String, Quantity> limits = container.getResources().getLimits();
        command.add("--memory=" + limits.get("memory").getNumericalAmount().longValueExact());
        // dockerd refuses more than there are, which to a kubelet is no limit.
        command.add("--cpus="
                + limits.get("cpu")
                        .getNumericalAmount()
                        .min(BigDecimal.valueOf(Runtime.getRuntime().availableProcessors())));
        List<String> words = new ArrayList<>(container.getCommand());
        if (!words.isEmpty()) {
            command.add("--entrypoint=" + words.removeFirst());
        }
        words.addAll(container.getArgs());
        command.add(image(container.getImage()));
        command.addAll(words);
        return command;
    }

    private String image(String given) {
        return images.getOrDefault(given.replaceFirst(":[^:/]*$", ""), given);
    }

    private List<String> services(Workload workload) {
        return manifests.all(Service.class).stream()
                .filter(service -> Manifests.selects(service.getSpec().getSelector(), workload.labels()))
                .map(service -> service.getMetadata().getName())
                .toList();
    }

    private Map<String, String> variables(Workload workload) {
        Map<String, String> variables = new LinkedHashMap<>(manifests.environment(workload.container()));
        if (workload.name().equals("agent")) {
            variables.put("HOST_IP", HOST_ADDRESS);
        }
        if (workload.isPart()) {
            variables.putAll(settings);
        }
        return variables;
    }

    private static void rights(Workload workload, List<String> command) {
        PodSecurityContext pod = workload.pod().getSecurityContext();
        SecurityContext own = workload.container().getSecurityContext();
        Long user = own.getRunAsUser() != null ? own.getRunAsUser() : pod == null ? null : pod.getRunAsUser();
        if (user != null) {
            Long group = pod == null ? null : pod.getRunAsGroup();
            command.add("--user=" + user + (group == null ? "" : ":" + group));
        }
        if (pod != null && pod.getFsGroup() != null) {
            command.add("--group-add=" + pod.getFsGroup());
        }
        if (Boolean.TRUE.equals(own.getPrivileged())) {
            command.add("--privileged");
        }
        if (Boolean.TRUE.equals(own.getReadOnlyRootFilesystem())) {
            command.add("--read-only");
        }
        if (Boolean.FALSE.equals(own.getAllowPrivilegeEscalation())) {
            command.add("--security-opt=no-new-privileges");
        }
        if (own.getCapabilities() != null) {
            own.getCapabilities().getDrop().forEach(name -> command.add("--cap-drop=" + name));
            own.getCapabilities().getAdd().forEach(name -> command.add("--cap-add=" + name));
        }
    }

    private String mounted(Workload workload, VolumeMount mount) throws IOException {
        Volume volume = workload.pod().getVolumes().stream()
                .filter(it -> it.getName().equals(mount.getName()))
                .findFirst()
                .orElse(null);
        PodSecurityContext pod = workload.pod().getSecurityContext();
        Long group = pod == null ? null : pod.getFsGroup();
        Path source = source(workload, volume, mount, group);
        String propagation = mount.getMountPropagation();
        return "--mount=type=bind,source=" + source + ",destination=" + mount.getMountPath()
                + (Boolean.TRUE.equals(mount.getReadOnly()) ? ",readonly" : "")
                + (propagation == null
                        ? ""
                        : ",bind-propagation="
                                + Map.of("Bidirectional", "rshared", "HostToContainer", "rslave")
                                        .get(propagation));
    }

    private Path source(Workload workload, Volume volume, VolumeMount mount, Long group) throws IOException {
        Path own = directory.resolve(workload.name() + "-" + mount.getName());
        if (volume != null && volume.getHostPath() != null) {
            return switch (volume.getHostPath().getPath()) {
                case "/var/lib/gantry" -> Files.createDirectories(directory.resolve("data"));
                case "/run/gantry" -> Files.createDirectories(directory.resolve("run"));
                default -> Path.of(volume.getHostPath().getPath());
            };
        }
        if (volume != null && volume.getEmptyDir() != null) {
            // Docker gives its own the mode of the directory below, which a kubelet does not.
            directory(own, group);
            give(own, group, 0777);
            return own;
        }
        Map<String, byte[]> files = new LinkedHashMap<>();
        int mode = 0644;
        if (volume == null || volume.getPersistentVolumeClaim() != null) {
            // Of a StatefulSet's template, or a claim of its own.
            directory(own, group);
            return mount.getSubPath() == null ? own : directory(own.resolve(mount.getSubPath()), group);
        } else if (volume.getSecret() != null) {
            mode = volume.getSecret().getDefaultMode();
            add(
                    files,
                    secrets.get(volume.getSecret().getSecretName()),
                    volume.getSecret().getItems());
        } else if (volume.getProjected() != null) {
            mode = volume.getProjected().getDefaultMode();
            for (VolumeProjection part : volume.getProjected().getSources()) {
                add(
                        files,
                        secrets.get(part.getSecret().getName()),
                        part.getSecret().getItems());
            }
        } else {
            manifests
                    .configMap(volume.getConfigMap().getName())
                    .getData()
                    .forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        }
        directory(own, group);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = Files.write(own.resolve(file.getKey()), file.getValue());
            give(path, group, group == null ? mode : mode | 0440);
        }
        return mount.getSubPath() == null ? own : own.resolve(mount.getSubPath());
    }

    private static void add(Map<String, byte[]> files, Map<String, byte[]> secret, List<KeyToPath> items) {
        if (items.isEmpty()) {
            files.putAll(secret);
        }
        items.forEach(item -> files.put(item.getPath(), secret.get(item.getKey())));
    }

    private static Path directory(Path path, Long group) throws IOException {
        Files.createDirectories(path);
        give(path, group, group == null ? 0755 : 0775);
        return path;
    }

    /** Root's, and where there is one, of the pod's group. */
    private static void give(Path path, Long group, int mode) throws IOException {
        if (group != null) {
            Files.setAttribute(path, "unix:gid", group.intValue());
        }
        StringBuilder text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
        }
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(text.toString());
        Files.setPosixFilePermissions(path, permissions);
    }

    private void await(Workload workload, Probe probe) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STARTED_WITHIN_SECONDS);
        while (!succeeds(workload, probe)) {
            if (System.nanoTime() > end) {
                StringBuilder logs = new StringBuilder(workload + " is not ready");
                for (Workload other : manifests.workloads()) {
                    Result log = host.call("logs", "--tail=20", other.name());
                    logs.append("\n\n")
                            .append(other)
                            .append(":\n")
                            .append(log.out())
                            .append(log.err());
                }
                throw new AssertionError(logs);
            }
            Thread.sleep(500);
        }
    }

    private boolean succeeds(Workload workload, Probe probe) {
        if (probe.getExec() != null) {
            List<String> command = new ArrayList<>(List.of("exec", workload.name()));
            command.addAll(probe.getExec().getCommand());
            return host.call(command.toArray(String[]::new)).exitCode() == 0;
        }
        String address = addresses.get(workload.name());
        try {
            if (probe.getTcpSocket() != null) {
                try (Socket socket = new Socket()) {
                    socket.connect(
                            new InetSocketAddress(
                                    address, port(workload, probe.getTcpSocket().getPort())),
                            1_000);
                    return true;
                }
            }
            URI url = URI.create("http://" + address + ":"
                    + port(workload, probe.getHttpGet().getPort())
                    + probe.getHttpGet().getPath());
            HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(5_000);
            return connection.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static int port(Workload workload, IntOrString named) {
        return workload.container().getPorts().stream()
                .filter(port -> port.getName().equals(named.getStrVal()))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElseThrow(() -> new AssertionError(workload + " has no port " + named));
    }
}
