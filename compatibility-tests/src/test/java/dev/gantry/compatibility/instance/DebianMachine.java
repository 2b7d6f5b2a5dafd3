package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A fresh Debian without compiler and Maven, that systemd runs: made by debootstrap, booted by systemd-nspawn in namespaces
 * of its own, with a loopback interface alone. Where one of them is missing or cannot, the test is skipped with the reason.
 */
final class DebianMachine implements AutoCloseable {
    private static final long BOOT_SECONDS = 60;

    /** Runtimes of containers give each one its keyring; systemd-nspawn refuses that unless told. */
    private static final String SYSTEM_CALLS = "add_key keyctl request_key bpf";

    private final Path root;
    private Process boot;
    private long init;

    private DebianMachine(Path root) {
        this.root = root;
    }

    /** @param release its code name */
    static DebianMachine of(String release, Path root) {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/debootstrap")), "debootstrap is not installed");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-nspawn")), "systemd-container is not installed");
        List<String> mirrors = Commands.lines(
                "apt-get",
                "indextargets",
                "--format",
                "$(SITE)",
                "Created-By: Packages",
                "Component: main",
                "Origin: Debian");
        assumeTrue(!mirrors.isEmpty(), "from where packages of Debian come is not known on this machine");
        Path log = root.resolveSibling(release + ".log");
        int status = run(
                log,
                "debootstrap",
                "--variant=minbase",
                "--force-check-gpg",
                "--include=systemd,systemd-sysv,ca-certificates",
                release,
                root.toString(),
                mirrors.getFirst());
        assumeTrue(status == 0, () -> "debootstrap of " + release + " failed: " + text(log));
        return new DebianMachine(root);
    }

    /** With what it needs, from Debian alone; before systemd runs there. */
    void install(Path deb) throws IOException {
        put(deb);
        for (String file : List.of("/etc/resolv.conf", "/etc/hosts")) {
            Files.copy(Path.of(file), root.resolve(file.substring(1)), StandardCopyOption.REPLACE_EXISTING);
        }
        Path log = root.resolveSibling(root.getFileName() + ".apt.log");
        int found = run(log, "chroot", root.toString(), "apt-get", "-q", "update", "--error-on=any");
        assumeTrue(found == 0, () -> "Debian is not reached from there: " + text(log));
        int status = run(
                log,
                "chroot",
                root.toString(),
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "-q",
                "-y",
                "--no-install-recommends",
                "install",
                "/root/" + deb.getFileName());
        assertEquals(0, status, () -> text(log));
    }

    /** Below {@code /root} there. */
    void put(Path file) throws IOException {
        Files.copy(file, root.resolve("root").resolve(file.getFileName()));
    }

    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    void boot() throws IOException {
        Path log = root.resolveSibling(root.getFileName() + ".boot.log");
        boot = new ProcessBuilder(
                        "systemd-nspawn",
                        "--quiet",
                        "--directory=" + root,
                        "--machine=gantry-" + root.getFileName(),
                        "--capability=all",
                        "--system-call-filter=" + SYSTEM_CALLS,
                        "--private-network",
                        "--register=no",
                        "--keep-unit",
                        "--boot",
                        // Of systemd's newer versions, which else refuse the older hierarchies that this machine may
                        // have.
                        "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boot.getOutputStream().close();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOOT_SECONDS);
        while (boot.isAlive() && !isUp() && System.nanoTime() < end) {
            Docker.pause(200);
        }
        assumeTrue(isUp(), () -> "systemd does not run in a container here: " + text(log));
        // A host's own are writable; a container's are not, but for cgroup2.
        lines("sh", "-c", "for group in /sys/fs/cgroup/* /proc/sys; do mount -o remount,bind,rw $group; done; true");
    }

    private boolean isUp() {
        init = boot.children().mapToLong(ProcessHandle::pid).findFirst().orElse(0);
        return init != 0 && Files.exists(Path.of("/proc/" + init + "/root/run/systemd/private"));
    }

    /** What a command prints there, as root; nothing when it fails. */
    List<String> lines(String... command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--target", Long.toString(init), "--all"));
        all.addAll(List.of("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"));
        all.addAll(List.of(command));
        return Commands.lines(all.toArray(String[]::new));
    }

    /** This machine's client, with the endpoint there. */
    Docker docker() {
        return new Docker(new Endpoint("unix:///proc/" + init + "/root/run/gantry/docker.sock", true));
    }

    /** Switches it off, and deletes it. */
    @Override
    public void close() {
        try {
            if (boot != null) {
                boot.destroy();
                if (!boot.waitFor(30, TimeUnit.SECONDS)) {
                    boot.destroyForcibly().waitFor();
                }
            }
            Commands.lines("rm", "-rf", "--one-file-system", root.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static int run(Path log, String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            process.getOutputStream().close();
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Its end. */
    private static String text(Path log) {
        return String.join("\n", Commands.lines("tail", "-n", "20", log.toString()));
    }
}
