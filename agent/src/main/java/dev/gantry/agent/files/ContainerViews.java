package dev.gantry.agent.files;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.container.Containers;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.RootView;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.runtime.ContainerMounts;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.volume.VolumeUses;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Opens containers' files as {@code docker cp} sees them: with volumes and bind mounts, without the kernel's filesystems,
 * whose place the image's empty directories take, as with dockerd. Of a running container these are its own mounts of
 * this moment, so that its tmpfs are among them, which dockerd does not see. Of one that does not run they are mounted for
 * this alone, where nobody else finds them.
 */
@ApplicationScoped
class ContainerViews {
    private static final List<String> OF_KERNEL = List.of("/proc", "/sys", "/dev");

    private final Containers containers;
    private final Snapshots snapshots;
    private final VolumeUses uses;
    private final HostRoot host;

    ContainerViews(Containers containers, Snapshots snapshots, VolumeUses uses, HostRoot host) {
        this.containers = containers;
        this.snapshots = snapshots;
        this.uses = uses;
        this.host = host;
    }

    ContainerView open(String id) {
        return containers.still(id, container -> {
            ContainerSpec spec = container.spec();
            Snapshots.Lease lease = snapshots.lease(id, spec.layers());
            String use = UUID.randomUUID().toString();
            try {
                Optional<RootView> running = running(container);
                RootView root = running.isPresent() ? running.get() : stopped(container, lease.rootfs(), use);
                return new ContainerView(spec, running.isPresent(), root, lease, () -> uses.giveBack(use));
            } catch (IOException e) {
                uses.giveBack(use);
                lease.close();
                throw new AgentFailure(
                        AgentFailure.Code.INTERNAL, "looking into container " + id + ": " + e.getMessage(), e);
            } catch (RuntimeException e) {
                uses.giveBack(use);
                lease.close();
                throw e;
            }
        });
    }

    /** Empty when its process is gone, whether that was noticed yet or not. */
    private static Optional<RootView> running(Containers.Seen container) throws IOException {
        if (container.pid() == 0) {
            return Optional.empty();
        }
        try (Fd mounts = OpenFiles.open("/proc/" + container.pid() + "/ns/mnt", OpenFiles.READ)) {
            // By now it is open: the number was not given to another process before.
            if (Signals.startTime(container.pid()) != container.pidStart()) {
                return Optional.empty();
            }
            return Optional.of(RootView.of(mounts, hidden(container.spec())));
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Except where something else is mounted by wish; in {@code /dev} that may be below as well. */
    private static List<String> hidden(ContainerSpec spec) {
        List<String> asked =
                mounts(spec).stream().map(mount -> CleanPath.of(mount.target())).toList();
        return OF_KERNEL.stream()
                .filter(path -> !asked.contains(path))
                .filter(path -> !path.equals("/dev") || asked.stream().noneMatch(each -> each.startsWith("/dev/")))
                .toList();
    }

    private RootView stopped(Containers.Seen container, Path rootfs, String use) throws IOException {
        List<RootView.Binding> bindings = new ArrayList<>();
        for (MountSpec mount : mounts(container.spec())) {
            switch (mount.kind()) {
                case BIND ->
                    add(bindings, ContainerMounts.bindSource(host, mount), null, mount.target(), mount.readOnly());
                case VOLUME -> {
                    String data = uses.take(mount.source(), use).toString();
                    add(bindings, data, mount.extent().part(), mount.target(), mount.readOnly());
                }
                case TMPFS, IMAGE -> {}
            }
        }
        for (Path own : List.of(
                container.files().hosts(),
                container.files().hostname(),
                container.files().resolvConf())) {
            String target = "/etc/" + own.getFileName();
            if (Files.exists(own)
                    && bindings.stream().noneMatch(each -> each.target().equals(target))) {
                add(bindings, own.toString(), null, target, false);
            }
        }
        bindings.sort(
                Comparator.comparingInt(binding -> Path.of(binding.target()).getNameCount()));
        return RootView.of(ByteStrings.of(rootfs), bindings, container.spec().readOnlyRootfs());
    }

    private static void add(
            List<RootView.Binding> bindings, String source, String part, String target, boolean readOnly) {
        bindings.add(new RootView.Binding(
                ByteStrings.of(source),
                part == null ? null : ByteStrings.of(part),
                ByteStrings.of(CleanPath.of(target)),
                readOnly));
    }

    private static List<MountSpec> mounts(ContainerSpec spec) {
        return spec.mounts() == null ? List.of() : spec.mounts();
    }
}
