package dev.gantry.agent.testing;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.Dns;
import dev.gantry.agent.api.ContainerSpec.HealthSpec;
import dev.gantry.agent.api.ContainerSpec.Layer;
import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.api.ContainerSpec.Namespaces;
import dev.gantry.agent.api.ContainerSpec.ProcessSpec;
import dev.gantry.agent.api.ContainerSpec.Resources;
import dev.gantry.agent.api.ContainerSpec.RestartSpec;
import dev.gantry.agent.api.ContainerSpec.Security;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Builds container specifications as container-service would send them; all but the command may be left out. */
public final class Specs {
    private final List<String> args;
    private List<Layer> layers = List.of();
    private List<MountSpec> mounts = List.of();
    private List<ContainerSpec.DeviceRequest> devices = List.of();
    private Security security = new Security(false, List.of(), List.of(), false, "default", null, null, null, Map.of());
    private Namespaces namespaces = new Namespaces("", "", "", "", "");
    private RestartSpec restart = new RestartSpec("no", 0);
    private long memory;
    private long nanoCpus;
    private boolean init;
    private boolean tty;
    private boolean stdin;
    private String user = "";
    private String cgroupParent = "";
    private String runtime = "";
    private HealthSpec health;
    private LogSpec log = new LogSpec("json-file", -1, 1);

    private Specs(List<String> args) {
        this.args = args;
    }

    public static Specs running(String... args) {
        return new Specs(List.of(args));
    }

    public static ContainerSpec withLog(LogSpec log) {
        Specs specs = running("true");
        specs.log = log;
        return specs.build();
    }

    /** 64 hexadecimal digits, never the same. */
    public static String newId() {
        byte[] id = new byte[32];
        ThreadLocalRandom.current().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    public Specs from(Layer layer) {
        layers = List.of(layer);
        return this;
    }

    public Specs mount(MountSpec... wanted) {
        mounts = List.of(wanted);
        return this;
    }

    public Specs security(Security wanted) {
        security = wanted;
        return this;
    }

    public Specs namespaces(Namespaces wanted) {
        namespaces = wanted;
        return this;
    }

    public Specs restart(String policy, int maximum) {
        restart = new RestartSpec(policy, maximum);
        return this;
    }

    /** A check every 200 milliseconds. */
    public Specs checkedBy(Duration timeout, String... command) {
        health = new HealthSpec(List.of(command), Duration.ofMillis(200).toNanos(), timeout.toNanos(), 0, 0, 1000);
        return this;
    }

    /** Bytes. */
    public Specs memory(long bytes) {
        memory = bytes;
        return this;
    }

    public Specs nanoCpus(long count) {
        nanoCpus = count;
        return this;
    }

    public Specs init() {
        init = true;
        return this;
    }

    public Specs tty() {
        tty = true;
        return this;
    }

    /** Open until the first client's end. */
    public Specs stdin() {
        stdin = true;
        return this;
    }

    public Specs user(String wanted) {
        user = wanted;
        return this;
    }

    public Specs cgroupParent(String wanted) {
        cgroupParent = wanted;
        return this;
    }

    public Specs runtime(String wanted) {
        runtime = wanted;
        return this;
    }

    public Specs devices(ContainerSpec.DeviceRequest... wanted) {
        devices = List.of(wanted);
        return this;
    }

    public ContainerSpec build() {
        return build(newId());
    }

    public ContainerSpec build(String id) {
        Resources resources = new Resources(
                memory,
                0,
                0,
                null,
                false,
                0,
                nanoCpus,
                0,
                0,
                0,
                "",
                "",
                0,
                0,
                0,
                List.of(),
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                devices,
                0,
                cgroupParent);
        return new ContainerSpec(
                id,
                "test",
                "testhost",
                "",
                layers,
                new ProcessSpec(args, List.of("COLOUR=blue"), "/", user, List.of(), tty, stdin, stdin, 0, 0),
                init,
                false,
                mounts,
                resources,
                security,
                namespaces,
                new Dns(List.of(), List.of(), List.of(), List.of()),
                log,
                restart,
                "",
                10,
                runtime,
                Map.of(),
                Map.of(),
                health);
    }
}
