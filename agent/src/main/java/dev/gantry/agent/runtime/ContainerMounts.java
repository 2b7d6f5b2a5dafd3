package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.runtime.OciSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is mounted in a container, in order: the kernel's filesystems, our own files, then what was asked for. */
public final class ContainerMounts {
    private static final long DEFAULT_SHM_SIZE = 64L << 20;

    /** Options of mount(8) that exclude each other; asking for one drops the other from the defaults. */
    private static final Map<String, String> OPPOSITES = Map.of(
            "exec", "noexec", "suid", "nosuid", "dev", "nodev", "ro", "rw", "noexec", "exec", "nosuid", "suid", "nodev",
            "dev", "rw", "ro");

    private static final Set<String> PROPAGATIONS =
            Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

    private static final Map<Long, String> KEPT =
            Map.of(Mounts.NO_SUID, "nosuid", Mounts.NO_DEV, "nodev", Mounts.NO_EXEC, "noexec");

    private static final boolean RECURSIVELY = atLeast(System.getProperty("os.version"), 5, 12);

    /** By destination, so that what is asked for replaces a default. */
    private final Map<String, Mount> mounts = new LinkedHashMap<>();

    private final ContainerLaunch launch;
    private final HostRoot host;
    private final ContainerSpec spec;
    private String rootfsPropagation;

    private ContainerMounts(ContainerLaunch launch, HostRoot host) {
        this.launch = launch;
        this.host = host;
        this.spec = launch.spec();
    }

    /** @param rootfsPropagation null for the runtime's default */
    record Result(List<Mount> mounts, String rootfsPropagation) {}

    static Result of(ContainerLaunch launch, HostRoot host, String initBinary) {
        ContainerMounts mounts = new ContainerMounts(launch, host);
        mounts.kernelFilesystems();
        mounts.sharedMemory();
        List<Mount> ofKernel = List.copyOf(mounts.mounts.values());
        mounts.mounts.clear();
        mounts.ownFiles(initBinary);
        orEmpty(launch.spec().mounts()).forEach(mounts::asked);
        return new Result(mounts.behind(ofKernel), mounts.rootfsPropagation);
    }

    /**
     * As dockerd orders them: first the kernel's, without those that something else is mounted over, then parents before
     * what is below them, so that {@code /etc/hosts} is in a volume at {@code /etc}.
     */
    private List<Mount> behind(List<Mount> ofKernel) {
        Stream<Mount> first = ofKernel.stream()
                .filter(mount -> !mounts.containsKey(mount.destination()))
                .filter(mount ->
                        !mounts.containsKey("/dev") || !mount.destination().startsWith("/dev/"));
        Stream<Mount> then = mounts.values().stream()
                .sorted(Comparator.comparingInt(
                        mount -> Path.of(mount.destination()).getNameCount()));
        return Stream.concat(first, then).toList();
    }

    private void kernelFilesystems() {
        boolean privileged = spec.security().privileged();
        String access = privileged ? "rw" : "ro";
        put("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        put("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        put("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        put("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access);
        put("/sys/fs/cgroup", "cgroup", "cgroup", access, "nosuid", "noexec", "nodev");
    }

    private void sharedMemory() {
        String ipc = spec.namespaces().ipc() == null ? "" : spec.namespaces().ipc();
        if (ipc.equals("host") && Files.isDirectory(host.of("/dev/mqueue"))) {
            put("/dev/mqueue", "bind", host.of("/dev/mqueue").toString(), "rbind", "rw");
        } else {
            put("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        }
        if (ipc.equals("host")) {
            put("/dev/shm", "bind", host.of("/dev/shm").toString(), "rbind", "rw");
        } else if (ipc.equals("shareable")) {
            put("/dev/shm", "bind", launch.files().sharedMemory().toString(), "bind", "rw");
        } else if (ipc.startsWith("container:")) {
            Path other = launch.sharedMemory().apply(ipc.substring("container:".length()));
            put("/dev/shm", "bind", other.toString(), "bind", "rw");
        } else if (!ipc.equals("none")) {
            put("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=" + shmSize(spec));
        }
    }

    /** Bytes of a container's /dev/shm; 64 MiB unless told. */
    public static long shmSize(ContainerSpec spec) {
        return spec.resources().shmSize() > 0 ? spec.resources().shmSize() : DEFAULT_SHM_SIZE;
    }

    private void ownFiles(String initBinary) {
        String access = spec.readOnlyRootfs() ? "ro" : "rw";
        put("/etc/resolv.conf", "bind", launch.networkFiles().resolvConf().toString(), "rbind", "rprivate", access);
        put("/etc/hostname", "bind", launch.networkFiles().hostname().toString(), "rbind", "rprivate", access);
        put("/etc/hosts", "bind", launch.networkFiles().hosts().toString(), "rbind", "rprivate", access);
        if (spec.init()) {
            put(OciConfig.INIT_TARGET, "bind", initBinary, "bind", "ro");
        }
    }

    private void asked(MountSpec mount) {
        switch (mount.kind()) {
            case BIND -> bind(mount, bindSource(host, mount));
            case VOLUME, IMAGE -> bind(mount, launch.volumes().apply(mount).toString());
            case TMPFS -> tmpfs(mount);
        }
    }

    /** What is bound, on this host; made when it is missing and may be made. */
    public static String bindSource(HostRoot host, MountSpec mount) {
        String asked = CleanPath.of(mount.source());
        Path source = host.of(asked);
        if (!Files.exists(source)) {
            if (!mount.createSource()) {
                throw BindSources.missing(asked);
            }
            try {
                makeSource(source);
            } catch (IOException e) {
                throw new AgentFailure(
                        AgentFailure.Code.BAD_REQUEST,
                        "error while creating mount source path '" + asked + "': mkdir " + e.getMessage(),
                        e);
            }
        }
        return source.toString();
    }

    /** The host's own directories, for everyone as dockerd makes them, and not ours. */
    private static void makeSource(Path source) throws IOException {
        if (!Files.isDirectory(source)) {
            makeSource(source.getParent());
            Files.createDirectory(source);
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private void bind(MountSpec mount, String source) {
        String propagation =
                mount.propagation() == null || mount.propagation().isEmpty() ? "rprivate" : mount.propagation();
        if (!PROPAGATIONS.contains(propagation)) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid propagation mode: " + propagation);
        }
        if (propagation.endsWith("shared")) {
            rootfsPropagation = "shared";
        } else if (propagation.endsWith("slave") && rootfsPropagation == null) {
            rootfsPropagation = "slave";
        }
        if (mount.extent().nonRecursive()) {
            // crun takes the r of rprivate for one of rbind; where nothing is mounted in it, it means nothing.
            String single = propagation.startsWith("r") ? propagation.substring(1) : propagation;
            putAsked(mount.target(), "bind", source, options("bind", single, access(mount, source), source));
        } else {
            putAsked(mount.target(), "bind", source, options("rbind", propagation, access(mount, source), source));
        }
    }

    /** With what the source itself is mounted with, which crun would take away otherwise. */
    private static String[] options(String bind, String propagation, String access, String source) {
        List<String> options = new ArrayList<>(List.of(bind, propagation));
        long flags = mountFlags(source);
        KEPT.forEach((flag, option) -> {
            if ((flags & flag) != 0) {
                options.add(option);
            }
        });
        options.add(!access.equals("rw") || (flags & Mounts.READ_ONLY) == 0 ? access : "ro");
        return options.toArray(String[]::new);
    }

    private static long mountFlags(String source) {
        try {
            return OpenFiles.mountFlags(ByteStrings.of(Path.of(source)));
        } catch (ErrnoException e) {
            // The runtime will say it.
            return 0;
        }
    }

    /** Read-only with all that is mounted in it, where the kernel can; in a file nothing is, and crun takes none for that. */
    private static String access(MountSpec mount, String source) {
        if (!mount.readOnly()) {
            return "rw";
        }
        if (!RECURSIVELY && mount.extent().readOnlyForceRecursive()) {
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL,
                    "failed to make bind mount recursively read-only: kernel does not support recursive read-only mounts");
        }
        boolean recursive = RECURSIVELY && !mount.extent().readOnlyNonRecursive() && Files.isDirectory(Path.of(source));
        return recursive ? "rro" : "ro";
    }

    /** mount_setattr(2), which the runtimes do it with, is there since Linux 5.12. */
    private static boolean atLeast(String kernel, int major, int minor) {
        Matcher version = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*").matcher(kernel);
        return version.matches()
                && (Integer.parseInt(version.group(1)) > major
                        || Integer.parseInt(version.group(1)) == major && Integer.parseInt(version.group(2)) >= minor);
    }

    private void tmpfs(MountSpec mount) {
        List<String> options = new ArrayList<>(List.of("rw", "nosuid", "nodev", "noexec"));
        String asked = mount.options() == null ? "" : mount.options();
        for (String option : asked.split(",", -1)) {
            if (!option.isEmpty()) {
                options.remove(OPPOSITES.getOrDefault(option, option));
                options.remove(option);
                options.add(option);
            }
        }
        if (options.contains("shared") || options.contains("rshared")) {
            // Otherwise crun makes all private in the end.
            rootfsPropagation = "shared";
        }
        if (mount.readOnly()) {
            options.remove("rw");
            options.add("ro");
        }
        putAsked(mount.target(), "tmpfs", "tmpfs", options.toArray(String[]::new));
    }

    private void putAsked(String destination, String type, String source, String... options) {
        String target = CleanPath.of(destination);
        ProcMounts.check(launch.rootfs(), target, type, source);
        put(target, type, source, options);
    }

    private void put(String target, String type, String source, String... options) {
        mounts.put(target, new Mount(target, type, source, List.of(options)));
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
