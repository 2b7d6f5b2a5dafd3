package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The keys that clients may count on in each answer: those that every Docker Engine from 20.10 on sends. More keys than
 * these are no fault.
 */
@EndpointTest
class JsonShapeTest {
    private static void has(JsonNode object, String... keys) {
        Set<String> missing = new TreeSet<>(List.of(keys));
        object.fieldNames().forEachRemaining(missing::remove);
        assertEquals(Set.of(), missing, () -> "missing of " + object);
    }

    @Test
    void container(Docker docker, Engine engine) {
        String name = docker.sleeping("shape", "-v", docker.name("v") + ":/v", "-p", "80");
        JsonNode it = engine.get("/containers/" + name + "/json").is(200).json();

        has(
                it,
                "Id",
                "Created",
                "Path",
                "Args",
                "State",
                "Image",
                "ResolvConfPath",
                "HostnamePath",
                "HostsPath",
                "LogPath",
                "Name",
                "RestartCount",
                "Driver",
                "Platform",
                "MountLabel",
                "ProcessLabel",
                "AppArmorProfile",
                "ExecIDs",
                "HostConfig",
                "GraphDriver",
                "Mounts",
                "Config",
                "NetworkSettings");
        has(
                it.get("State"),
                "Status",
                "Running",
                "Paused",
                "Restarting",
                "OOMKilled",
                "Dead",
                "Pid",
                "ExitCode",
                "Error",
                "StartedAt",
                "FinishedAt");
        has(
                it.get("HostConfig"),
                "Binds",
                "ContainerIDFile",
                "LogConfig",
                "NetworkMode",
                "PortBindings",
                "RestartPolicy",
                "AutoRemove",
                "VolumeDriver",
                "VolumesFrom",
                "CapAdd",
                "CapDrop",
                "CgroupnsMode",
                "Dns",
                "DnsOptions",
                "DnsSearch",
                "ExtraHosts",
                "GroupAdd",
                "IpcMode",
                "Cgroup",
                "Links",
                "OomScoreAdj",
                "PidMode",
                "Privileged",
                "PublishAllPorts",
                "ReadonlyRootfs",
                "SecurityOpt",
                "UTSMode",
                "UsernsMode",
                "ShmSize",
                "Runtime",
                "Isolation",
                "CpuShares",
                "Memory",
                "NanoCpus",
                "CgroupParent",
                "BlkioWeight",
                "BlkioWeightDevice",
                "CpuPeriod",
                "CpuQuota",
                "CpuRealtimePeriod",
                "CpuRealtimeRuntime",
                "CpusetCpus",
                "CpusetMems",
                "Devices",
                "DeviceCgroupRules",
                "DeviceRequests",
                "MemoryReservation",
                "MemorySwap",
                "MemorySwappiness",
                "OomKillDisable",
                "PidsLimit",
                "Ulimits",
                "CpuCount",
                "CpuPercent",
                "IOMaximumIOps",
                "IOMaximumBandwidth",
                "MaskedPaths",
                "ReadonlyPaths");
        has(
                it.get("Config"),
                "Hostname",
                "Domainname",
                "User",
                "AttachStdin",
                "AttachStdout",
                "AttachStderr",
                "ExposedPorts",
                "Tty",
                "OpenStdin",
                "StdinOnce",
                "Env",
                "Cmd",
                "Image",
                "Volumes",
                "WorkingDir",
                "Entrypoint",
                "Labels");
        has(it.get("NetworkSettings"), "SandboxID", "Ports", "SandboxKey", "Networks");
        has(
                it.at("/NetworkSettings/Networks/bridge"),
                "IPAMConfig",
                "Links",
                "Aliases",
                "NetworkID",
                "EndpointID",
                "Gateway",
                "IPAddress",
                "IPPrefixLen",
                "IPv6Gateway",
                "GlobalIPv6Address",
                "GlobalIPv6PrefixLen",
                "MacAddress",
                "DriverOpts");
        has(it.at("/Mounts/0"), "Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation");
        has(it.get("GraphDriver"), "Data", "Name");
        has(it.at("/NetworkSettings/Ports/80~1tcp/0"), "HostIp", "HostPort");
    }

    @Test
    void container_in_the_list(Docker docker, Engine engine) {
        String name = docker.sleeping("shape", "-p", "80");

        JsonNode it = engine.get("/containers/json?size=1&filters=%7B%22name%22%3A%5B%22" + name + "%22%5D%7D")
                .is(200)
                .json()
                .get(0);

        has(
                it,
                "Id",
                "Names",
                "Image",
                "ImageID",
                "Command",
                "Created",
                "Ports",
                "SizeRootFs",
                "Labels",
                "State",
                "Status",
                "HostConfig",
                "NetworkSettings",
                "Mounts");
        has(it.at("/Ports/0"), "PrivatePort", "PublicPort", "Type", "IP");
        has(it.get("HostConfig"), "NetworkMode");
    }

    @Test
    void created_and_waited(Docker docker, Engine engine) {
        JsonNode created = engine.post(
                        "/containers/create?name=" + docker.name("c"),
                        "{\"Image\":\"" + Images.BUSYBOX + "\",\"Cmd\":[\"true\"]}")
                .is(201)
                .json();
        has(created, "Id", "Warnings");
        engine.post("/containers/" + docker.name("c") + "/start").is(204);
        has(engine.post("/containers/" + docker.name("c") + "/wait").is(200).json(), "StatusCode");
    }

    @Test
    void top_and_exec(Docker docker, Engine engine) {
        String name = docker.sleeping("shape");
        has(engine.get("/containers/" + name + "/top").is(200).json(), "Titles", "Processes");
        JsonNode exec = engine.post("/containers/" + name + "/exec", "{\"Cmd\":[\"true\"]}")
                .is(201)
                .json();
        has(exec, "Id");
        JsonNode it =
                engine.get("/exec/" + exec.get("Id").asText() + "/json").is(200).json();
        has(
                it,
                "ID",
                "Running",
                "ExitCode",
                "ProcessConfig",
                "OpenStdin",
                "OpenStderr",
                "OpenStdout",
                "CanRemove",
                "ContainerID",
                "DetachKeys",
                "Pid");
        has(it.get("ProcessConfig"), "tty", "entrypoint", "arguments", "privileged");
    }

    @Test
    void image(Docker docker, Engine engine) {
        has(
                engine.get("/images/" + Images.CONFIGURED + "/json").is(200).json(),
                "Id",
                "RepoTags",
                "RepoDigests",
                "Comment",
                "Created",
                "Config",
                "Architecture",
                "Os",
                "Size",
                "GraphDriver",
                "RootFS",
                "Metadata");
        has(
                engine.get("/images/json").is(200).json().get(0),
                "Id",
                "ParentId",
                "RepoTags",
                "RepoDigests",
                "Created",
                "Size",
                "SharedSize",
                "Labels",
                "Containers");
        has(
                engine.get("/images/" + Images.BUSYBOX + "/history")
                        .is(200)
                        .json()
                        .get(0),
                "Id",
                "Created",
                "CreatedBy",
                "Tags",
                "Size",
                "Comment");
        assertEquals(
                "gantry-compat",
                docker.name("x").isEmpty() ? "" : Images.BUSYBOX.split("/")[0]);
    }

    @Test
    void volume_and_network(Docker docker, Engine engine) {
        JsonNode created = engine.post("/volumes/create", "{\"Name\":\"" + docker.name("v") + "\"}")
                .is(201)
                .json();
        has(created, "CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options", "Scope");
        has(engine.get("/volumes").is(200).json(), "Volumes", "Warnings");
        JsonNode bridge = engine.get("/networks/bridge").is(200).json();
        has(
                bridge,
                "Name",
                "Id",
                "Created",
                "Scope",
                "Driver",
                "EnableIPv6",
                "IPAM",
                "Internal",
                "Attachable",
                "Ingress",
                "ConfigFrom",
                "ConfigOnly",
                "Containers",
                "Options",
                "Labels");
        has(bridge.get("IPAM"), "Driver", "Options", "Config");
        has(engine.get("/networks").is(200).json().get(0), "Name", "Id", "Driver", "IPAM");
    }

    @Test
    void system(Engine engine) {
        has(
                engine.get("/version").is(200).json(),
                "Platform",
                "Components",
                "Version",
                "ApiVersion",
                "MinAPIVersion",
                "GitCommit",
                "GoVersion",
                "Os",
                "Arch",
                "KernelVersion",
                "BuildTime");
        has(
                engine.get("/info").is(200).json(),
                "ID",
                "Containers",
                "ContainersRunning",
                "ContainersPaused",
                "ContainersStopped",
                "Images",
                "Driver",
                "DriverStatus",
                "Plugins",
                "MemoryLimit",
                "SwapLimit",
                "CpuCfsPeriod",
                "CpuCfsQuota",
                "CPUShares",
                "CPUSet",
                "PidsLimit",
                "IPv4Forwarding",
                "Debug",
                "NFd",
                "OomKillDisable",
                "NGoroutines",
                "SystemTime",
                "LoggingDriver",
                "CgroupDriver",
                "CgroupVersion",
                "NEventsListener",
                "KernelVersion",
                "OperatingSystem",
                "OSVersion",
                "OSType",
                "Architecture",
                "IndexServerAddress",
                "RegistryConfig",
                "NCPU",
                "MemTotal",
                "DockerRootDir",
                "HttpProxy",
                "HttpsProxy",
                "NoProxy",
                "Name",
                "Labels",
                "ExperimentalBuild",
                "ServerVersion",
                "Runtimes",
                "DefaultRuntime",
                "Swarm",
                "LiveRestoreEnabled",
                "Isolation",
                "InitBinary",
                "ContainerdCommit",
                "RuncCommit",
                "InitCommit",
                "SecurityOptions",
                "Warnings");
    }
}
