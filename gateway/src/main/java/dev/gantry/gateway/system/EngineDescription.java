package dev.gantry.gateway.system;

import dev.gantry.agent.api.Architecture;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.host.Hosts.Host;
import dev.gantry.engine.registry.RegistrySettings;
import dev.gantry.engine.system.DockerRelease;
import dev.gantry.engine.system.SystemInfo;
import dev.gantry.engine.system.SystemVersion;
import dev.gantry.engine.version.ApiVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The engine as {@code docker version} and {@code docker info} show it, made of what its hosts said of themselves. */
final class EngineDescription {
    /** Names that clients know the public registry by. */
    private static final String INDEX_SERVER = "https://index.docker.io/v1/";

    private static final String INDEX = "docker.io";

    private EngineDescription() {}

    /** @param gantry our own version; the engine's is that of the Docker release whose behaviour it has */
    static SystemVersion version(String gantry, List<Host> hosts) {
        Optional<HostDescription> host = first(hosts);
        String kernel = host.map(HostDescription::kernelVersion).orElse(System.getProperty("os.version"));
        String arch =
                Architecture.ofImage(host.map(HostDescription::architecture).orElse(System.getProperty("os.arch")));
        List<SystemVersion.Component> components = new ArrayList<>();
        components.add(new SystemVersion.Component("Engine", DockerRelease.VERSION, engineDetails(kernel, arch)));
        components.add(new SystemVersion.Component(
                "Gantry", gantry, Map.of("JavaVersion", System.getProperty("java.version"))));
        host.ifPresent(description -> new TreeMap<>(description.runtimes())
                .forEach((name, runtime) ->
                        components.add(new SystemVersion.Component(name, number(runtime.version()), Map.of()))));
        return new SystemVersion(
                new SystemVersion.Platform("Gantry " + gantry),
                components,
                DockerRelease.VERSION,
                ApiVersion.NEWEST.toString(),
                ApiVersion.OLDEST.toString(),
                "",
                "",
                "linux",
                arch,
                kernel,
                "");
    }

    /** As dockerd's, of whose keys clients expect all; nothing of it was compiled by Go. */
    private static Map<String, String> engineDetails(String kernel, String arch) {
        Map<String, String> details = new TreeMap<>();
        details.put("ApiVersion", ApiVersion.NEWEST.toString());
        details.put("Arch", arch);
        details.put("BuildTime", "");
        details.put("Experimental", "false");
        details.put("GitCommit", "");
        details.put("GoVersion", "");
        details.put("KernelVersion", kernel);
        details.put("MinAPIVersion", ApiVersion.OLDEST.toString());
        details.put("Os", "linux");
        return details;
    }

    /** Processors and memory are those of all hosts that can be reached; what cannot be added up is the first one's. */
    static SystemInfo info(
            ApiVersion client,
            long images,
            Containers.Counts counts,
            List<Host> hosts,
            String logDriver,
            List<String> labels,
            RegistrySettings registries) {
        List<HostDescription> reachable =
                hosts.stream().filter(Host::reachable).map(Host::description).toList();
        Optional<HostDescription> host = first(hosts);
        String runtime = host.map(HostDescription::defaultRuntime).orElse("");
        return new SystemInfo(
                host.map(HostDescription::id).orElse(""),
                counts.total(),
                counts.running(),
                counts.paused(),
                counts.stopped(),
                images,
                host.map(HostDescription::storageDriver).orElse(""),
                host.map(EngineDescription::driverStatus).orElse(List.of()),
                new SystemInfo.Plugins(
                        volumeDrivers(reachable),
                        List.of("bridge", "host", "null"),
                        null,
                        List.of("fluentd", "gelf", "journald", "json-file", "local", "syslog")),
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                false,
                openFiles(),
                false,
                Thread.activeCount(),
                Instant.now().toString(),
                logDriver,
                host.map(HostDescription::cgroupDriver).orElse("none"),
                host.map(HostDescription::cgroupVersion).orElse(""),
                0,
                host.map(HostDescription::kernelVersion).orElse(""),
                host.map(HostDescription::operatingSystem).orElse(""),
                host.map(HostDescription::osVersion).orElse(""),
                "linux",
                Architecture.ofKernel(host.map(HostDescription::architecture).orElse("")),
                INDEX_SERVER,
                registries(registries),
                reachable.stream().mapToInt(HostDescription::cpus).sum(),
                reachable.stream().mapToLong(HostDescription::memoryTotal).sum(),
                null,
                host.map(HostDescription::stateDirectory).orElse(""),
                "",
                "",
                "",
                host.map(HostDescription::name).orElse(""),
                labels,
                false,
                DockerRelease.VERSION,
                host.map(EngineDescription::runtimes).orElse(Map.of()),
                runtime,
                SystemInfo.Swarm.INACTIVE,
                // Running containers outlive every process of ours.
                true,
                "",
                host.map(HostDescription::initBinary).orElse(""),
                commit(client, ""),
                commit(
                        client,
                        host.map(description -> description.runtimes().get(runtime))
                                .map(HostDescription.Runtime::version)
                                .orElse("")),
                commit(client, ""),
                host.map(EngineDescription::securityOptions).orElse(List.of()),
                warnings(hosts));
    }

    private static SystemInfo.Commit commit(ApiVersion client, String id) {
        return new SystemInfo.Commit(id, client.before(1, 49) ? id : null);
    }

    private static List<String> volumeDrivers(List<HostDescription> hosts) {
        return Stream.concat(Stream.of("local"), hosts.stream().flatMap(host -> host.volumePlugins().stream()))
                .distinct()
                .sorted()
                .toList();
    }

    private static Optional<HostDescription> first(List<Host> hosts) {
        return hosts.stream()
                .filter(Host::reachable)
                .findFirst()
                .or(() -> hosts.stream().findFirst())
                .map(Host::description);
    }

    private static List<List<String>> driverStatus(HostDescription host) {
        return List.of(
                List.of("Backing Filesystem", host.backingFilesystem()),
                List.of("Supports d_type", "true"),
                List.of("Native Overlay Diff", "true"),
                List.of("userxattr", "false"));
    }

    private static Map<String, SystemInfo.Runtime> runtimes(HostDescription host) {
        Map<String, SystemInfo.Runtime> runtimes = new LinkedHashMap<>();
        new TreeMap<>(host.runtimes())
                .forEach((name, runtime) -> runtimes.put(name, new SystemInfo.Runtime(runtime.path())));
        return runtimes;
    }

    private static List<String> securityOptions(HostDescription host) {
        List<String> options = new ArrayList<>();
        if (host.appArmor()) {
            options.add("name=apparmor");
        }
        if (host.seccomp()) {
            options.add("name=seccomp,profile=builtin");
        }
        if (host.cgroupVersion().equals("2")) {
            options.add("name=cgroupns");
        }
        return options;
    }

    private static List<String> warnings(List<Host> hosts) {
        List<String> warnings = new ArrayList<>();
        if (hosts.stream().noneMatch(Host::reachable)) {
            warnings.add("WARNING: no host's agent can be reached");
        }
        hosts.forEach(host -> warnings.addAll(host.description().warnings()));
        return warnings;
    }

    private static SystemInfo.RegistryConfig registries(RegistrySettings settings) {
        List<String> mirrors =
                settings.mirrors().stream().map(mirror -> mirror + "/").toList();
        Map<String, SystemInfo.Index> indexes = new TreeMap<>();
        indexes.put(INDEX, new SystemInfo.Index(INDEX, mirrors, true, true));
        settings.insecureNames()
                .forEach(name -> indexes.put(name, new SystemInfo.Index(name, List.of(), false, false)));
        return new SystemInfo.RegistryConfig(settings.insecureRanges(), indexes, mirrors);
    }

    private static int openFiles() {
        String[] entries = Path.of("/proc/self/fd").toFile().list();
        return entries == null ? 0 : entries.length;
    }

    /** {@code crun version 1.8.1} is 1.8.1. */
    private static String number(String line) {
        String[] words = line.strip().split("\\s+");
        return words[words.length - 1];
    }
}
