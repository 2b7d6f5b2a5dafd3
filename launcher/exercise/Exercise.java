import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a fresh Gantry is put through while its AOT caches are recorded: the requests of docker's and Compose's commands,
 * header for header, again and again. The classes that they load and the profiles of what they do often are in the caches,
 * so that the first containers start nearly as fast as the thousandth. Arguments: the endpoint's socket, how many rounds
 * at most, and for how many seconds at most. Fails when the endpoint is never ready.
 */
final class Exercise {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Pattern ID = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"");

    private static final int FILE_SIZE = 8 * 1024 * 1024;

    private final Path socket;

    private Exercise(Path socket) {
        this.socket = socket;
    }

    public static void main(String... args) throws Exception {
        Exercise exercise = new Exercise(Path.of(args[0]));
        exercise.awaitReady();
        int most = Integer.parseInt(args[1]);
        Instant end = Instant.now().plusSeconds(Long.parseLong(args[2]));
        Images images = new Images();
        exercise.once("POST", "/images/load?quiet=1", "application/x-tar", images.archive("exercise:latest"));
        String running = exercise.create("sleep-1", "\"sleep\",\"600\"", "\"PortBindings\":{}", false);
        exercise.once("POST", "/containers/" + running + "/start", null, null);
        int rounds = 0;
        while (rounds < most && Instant.now().isBefore(end)) {
            exercise.round(rounds++, running, images);
        }
        exercise.once("DELETE", "/containers/" + running + "?force=1&v=1", null, null);
        images.close();
        System.out.println(rounds + " rounds");
    }

    private void awaitReady() throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (!once("GET", "/info", null, null).contains("\"NCPU\":" + Runtime.getRuntime().availableProcessors())) {
            if (Instant.now().isAfter(end)) {
                throw new IOException(socket + " is not ready after " + PATIENCE);
            }
            Thread.sleep(200);
        }
    }

    /** The common ones in each round, others in some. */
    private void round(int number, String running, Images images) throws Exception {
        run();
        exec(running);
        list(running);
        if (number % 4 == 0) {
            compose(number);
            logs(running);
        }
        if (number % 8 == 0) {
            detached(number);
            events();
            files(running);
        }
        if (number % 16 == 0) {
            pull(images, number);
        }
    }

    /** docker run --rm. */
    private void run() throws Exception {
        try (Connection connection = open()) {
            connection.head();
            String id = id(connection.call("POST", "/containers/create", "application/json", body("\"echo\",\"hi\"", "", true)));
            if (id.isEmpty()) {
                return;
            }
            try (Connection attached = open();
                    Connection waiting = open()) {
                attached.upgrade("/containers/" + id + "/attach?stderr=1&stdout=1&stream=1", "");
                waiting.send("POST", "/containers/" + id + "/wait?condition=removed", null, null, "");
                connection.call("POST", "/containers/" + id + "/start", null, null);
                attached.drain();
                waiting.answer();
            }
        }
    }

    /** docker exec. */
    private void exec(String container) throws Exception {
        try (Connection connection = open();
                Connection attached = open()) {
            connection.head();
            connection.call("GET", "/containers/" + container + "/json", null, null);
            String id = id(connection.call(
                    "POST",
                    "/containers/" + container + "/exec",
                    "application/json",
                    ("{\"User\":\"\",\"Privileged\":false,\"Tty\":false,\"ConsoleSize\":null,\"AttachStdin\":false,"
                                    + "\"AttachStderr\":true,\"AttachStdout\":true,\"DetachKeys\":\"\",\"Env\":null,"
                                    + "\"WorkingDir\":\"\",\"Cmd\":[\"true\"]}")
                            .getBytes(StandardCharsets.UTF_8)));
            attached.upgrade("/exec/" + id + "/start", "{\"Detach\":false,\"Tty\":false,\"ConsoleSize\":null}");
            attached.drain();
            connection.call("GET", "/exec/" + id + "/json", null, null);
        }
    }

    /** docker ps, inspect, images, version, info, and the lists of volumes and networks. */
    private void list(String container) throws Exception {
        try (Connection connection = open()) {
            connection.head();
            for (String path : new String[] {
                "/containers/json",
                "/containers/json?all=1&filters=" + filters("{\"status\":{\"running\":true}}"),
                "/containers/" + container + "/json",
                "/containers/" + container.substring(0, 12) + "/json",
                "/images/json",
                "/images/exercise/json",
                "/volumes",
                "/networks",
                "/version",
                "/info"
            }) {
                connection.call("GET", path, null, null);
            }
        }
    }

    /** docker compose up, ps and down of one service, without a network of its own. */
    private void compose(int number) throws Exception {
        String project = filters("{\"label\":{\"com.docker.compose.project=p\":true,"
                + "\"com.docker.compose.oneoff=False\":true}}");
        try (Connection connection = open()) {
            connection.head();
            connection.call("GET", "/containers/json?all=1&filters=" + project, null, null);
            connection.call("GET", "/networks?filters=" + project, null, null);
            connection.call("GET", "/volumes?filters=" + project, null, null);
            connection.call("POST", "/volumes/create", "application/json", ("{\"Name\":\"p_v" + number
                            + "\",\"Labels\":{\"com.docker.compose.project\":\"p\"}}")
                    .getBytes(StandardCharsets.UTF_8));
            String id = create("p-s-" + number, "\"sleep\",\"600\"", "\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"p_v" + number
                    + "\",\"Target\":\"/v\"}]", false);
            connection.call("POST", "/containers/" + id + "/start", null, null);
            connection.call("GET", "/containers/" + id + "/json", null, null);
            connection.call("POST", "/containers/" + id + "/rename?name=p-t-" + number, null, null);
            connection.call("POST", "/containers/" + id + "/kill?signal=KILL", null, null);
            connection.call("POST", "/containers/" + id + "/wait?condition=not-running", null, null);
            connection.call("DELETE", "/containers/" + id + "?v=1", null, null);
            connection.call("DELETE", "/volumes/p_v" + number, null, null);
        }
    }

    /** docker run -d with a published port, stop, start, restart and rm. */
    private void detached(int number) throws Exception {
        String id = create("d-" + number, "\"sleep\",\"600\"", "\"PublishAllPorts\":true", true);
        try (Connection connection = open()) {
            for (String step : new String[] {"start", "stop?t=0", "restart?t=0", "pause", "unpause", "top", "stop?t=0"}) {
                connection.call(step.equals("top") ? "GET" : "POST", "/containers/" + id + "/" + step, null, null);
            }
            connection.call("DELETE", "/containers/" + id + "?force=1", null, null);
        }
    }

    /** docker cp both ways, diff, export, and stats. */
    private void files(String container) throws Exception {
        String path = "/containers/" + container;
        try (Connection connection = open()) {
            connection.head();
            connection.head(path + "/archive?path=" + encode("/copied"));
            connection.upload(path + "/archive?noOverwriteDirNonDir=true&path=" + encode("/"), Images.file("copied", FILE_SIZE));
            connection.call("GET", path + "/archive?path=" + encode("/copied"), null, null);
            connection.call("GET", path + "/changes", null, null);
            connection.call("GET", path + "/export", null, null);
            connection.call("GET", path + "/stats?stream=0&one-shot=1", null, null);
        }
    }

    private void logs(String container) throws Exception {
        try (Connection connection = open()) {
            connection.head();
            connection.call("GET", "/containers/" + container + "/json", null, null);
            connection.call("GET", "/containers/" + container + "/logs?stderr=1&stdout=1&tail=all", null, null);
        }
    }

    private void events() throws Exception {
        long now = Instant.now().getEpochSecond();
        once("GET", "/events?since=" + (now - 60) + "&until=" + now, null, null);
        once("GET", "/events?since=0&until=" + now + "&filters=" + filters("{\"event\":{\"start\":true}}"), null, null);
    }

    private void pull(Images images, int number) throws Exception {
        String reference = images.publish(number);
        once("POST", "/images/create?fromImage=" + encode(reference) + "&tag=latest", null, null);
        once("GET", "/images/" + reference + ":latest/json", null, null);
        once("DELETE", "/images/" + reference + ":latest", null, null);
    }

    private String create(String name, String command, String hostConfig, boolean port) throws IOException {
        return id(once(
                "POST",
                "/containers/create?name=" + name,
                "application/json",
                body(command, "," + hostConfig, false, port ? "\"ExposedPorts\":{\"80/tcp\":{}}," : "")));
    }

    private static byte[] body(String command, String hostConfig, boolean autoRemove) {
        return body(command, hostConfig, autoRemove, "");
    }

    /** As docker 28 writes it, down to what it leaves at its zero value. */
    private static byte[] body(String command, String hostConfig, boolean autoRemove, String more) {
        return ("{\"Hostname\":\"\",\"Domainname\":\"\",\"User\":\"\",\"AttachStdin\":false,\"AttachStdout\":true,"
                        + "\"AttachStderr\":true,\"Tty\":false,\"OpenStdin\":false,\"StdinOnce\":false,\"Env\":null,\"Cmd\":["
                        + command + "],\"Image\":\"exercise\",\"Volumes\":{},\"WorkingDir\":\"\",\"Entrypoint\":null," + more
                        + "\"Labels\":{\"com.docker.compose.project\":\"p\",\"com.docker.compose.oneoff\":\"False\"},"
                        + "\"HostConfig\":{\"Binds\":[\"/usr:/usr:ro\"],\"ContainerIDFile\":\"\",\"LogConfig\":{\"Type\":\"\","
                        + "\"Config\":{}},\"NetworkMode\":\"bridge\",\"RestartPolicy\":{\"Name\":\"no\","
                        + "\"MaximumRetryCount\":0},\"AutoRemove\":" + autoRemove + ",\"VolumeDriver\":\"\",\"VolumesFrom\":null,"
                        + "\"ConsoleSize\":[0,0],\"CapAdd\":null,\"CapDrop\":null,\"CgroupnsMode\":\"\",\"Dns\":[],"
                        + "\"DnsOptions\":[],\"DnsSearch\":[],\"ExtraHosts\":null,\"GroupAdd\":null,\"IpcMode\":\"\",\"Cgroup\":\"\","
                        + "\"Links\":null,\"OomScoreAdj\":0,\"PidMode\":\"\",\"Privileged\":false,\"ReadonlyRootfs\":false,"
                        + "\"SecurityOpt\":null,\"UTSMode\":\"\",\"UsernsMode\":\"\",\"ShmSize\":0,\"Isolation\":\"\",\"CpuShares\":0,"
                        + "\"Memory\":0,\"NanoCpus\":0,\"CgroupParent\":\"\",\"BlkioWeight\":0,\"BlkioWeightDevice\":[],"
                        + "\"CpuPeriod\":0,\"CpuQuota\":0,\"CpusetCpus\":\"\",\"CpusetMems\":\"\",\"Devices\":[],"
                        + "\"DeviceCgroupRules\":null,\"DeviceRequests\":null,\"MemoryReservation\":0,\"MemorySwap\":0,"
                        + "\"MemorySwappiness\":-1,\"OomKillDisable\":false,\"PidsLimit\":0,\"Ulimits\":[],\"MaskedPaths\":null,"
                        + "\"ReadonlyPaths\":null" + hostConfig + "},\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":"
                        + "{\"IPAMConfig\":null,\"Links\":null,\"Aliases\":null,\"DriverOpts\":null,\"NetworkID\":\"\"}}}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String filters(String json) {
        return encode(json);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String id(String answer) {
        Matcher matcher = ID.matcher(answer);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** On a connection of its own; empty when that broke. */
    private String once(String method, String path, String type, byte[] body) {
        try (Connection connection = open()) {
            return connection.call(method, path, type, body);
        } catch (IOException e) {
            return "";
        }
    }

    private Connection open() throws IOException {
        return Connection.open(socket);
    }
}
