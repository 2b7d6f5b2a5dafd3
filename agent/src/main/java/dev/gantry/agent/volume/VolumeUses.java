package dev.gantry.agent.volume;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Volume;
import dev.gantry.agent.api.ContainerOperations.VolumeSpec;
import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.host.HostThreads;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.snapshot.StorageFailure;
import dev.gantry.agent.volume.plugin.VolumePlugins;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Who uses volumes that must be mounted: they are at their first use and until their last. Each use is a file
 * {@code <run>/agent/v/<volume>/<user>}, there before the mount and until after it, so that an agent's successor knows
 * what its predecessor had mounted for whom; with a plug-in's volume it says where that is. Volumes that are directories
 * and no more are not counted.
 */
@ApplicationScoped
public class VolumeUses {
    private static final Logger LOG = Logger.getLogger(VolumeUses.class);

    private final Volumes volumes;
    private final VolumePlugins plugins;
    private final HostRoot host;
    private final Path uses;
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    VolumeUses(Volumes volumes, VolumePlugins plugins, HostRoot host, AgentFiles files) {
        this.volumes = volumes;
        this.plugins = plugins;
        this.host = host;
        this.uses = files.volumeUses();
    }

    /**
     * Where the volume's content is, mounted if need be, until {@code user} gives it back. May be repeated.
     *
     * @param user a container, or whatever else; a file name
     * @throws AgentFailure in dockerd's words
     */
    public Path take(String name, String user) {
        VolumeDescription volume = volumes.describe(name);
        Path data = volumes.path(name);
        if (!volume.needsMount()) {
            return data;
        }
        return locked(name, () -> {
            Path use = uses.resolve(name).resolve(user);
            OwnerOnly.directory(uses);
            OwnerOnly.directory(use.getParent());
            if (!Files.exists(use)) {
                Files.createFile(use);
            }
            try {
                return volume.isLocal() ? mount(volume, data) : mount(volume, name, use);
            } catch (IOException e) {
                // Half of it may have been done.
                end(volume, name, use);
                throw new AgentFailure(
                        AgentFailure.Code.INTERNAL,
                        "error while mounting volume '" + (volume.isLocal() ? data : "") + "': " + e.getMessage(),
                        e);
            }
        });
    }

    private Path mount(VolumeDescription volume, Path data) throws IOException {
        HostThreads.call(() -> {
            if (!isMounted(data)) {
                LocalMount.mount(volume, data, host);
            }
            return null;
        });
        return data;
    }

    /** The file of the use says where it is. */
    private Path mount(VolumeDescription volume, String name, Path use) throws IOException {
        String known = Files.readString(use);
        if (!known.isEmpty()) {
            return Path.of(known);
        }
        Path mounted = plugins.mount(volume.driver(), name, use.getFileName().toString());
        Disk.replace(use, mounted.toString().getBytes(StandardCharsets.UTF_8));
        return mounted;
    }

    /** Whether it is more than a directory. */
    public boolean isMounted(String name) {
        return volumes.describe(name).needsMount();
    }

    /** Nothing happens when that user does not have it. */
    public void giveBack(String name, String user) {
        Path use = uses.resolve(name).resolve(user);
        if (Files.exists(use)) {
            locked(name, () -> {
                end(volumes.describe(name), name, use);
                return null;
            });
        }
    }

    /** All that somebody has. */
    public void giveBack(String user) {
        for (String name : names(uses)) {
            giveBack(name, user);
        }
    }

    /** Ends what was for others: for the start of an agent, before anything else is asked of it. */
    public void keepOnly(Set<String> users) {
        for (String name : names(uses)) {
            for (String user : names(uses.resolve(name))) {
                if (!users.contains(user)) {
                    LOG.infof("Volume %s is not used by %s any more", name, user);
                    if (volumes.describe(name).isLocal()) {
                        giveBack(name, user);
                    } else {
                        // A plug-in takes its time.
                        HostThreads.start(() -> giveBack(name, user));
                    }
                }
            }
        }
    }

    /** Makes the volume unless there is one. */
    public Volume ensure(VolumeSpec spec) {
        VolumeDescription known = volumes.describe(spec.name());
        String driver = known.isLocal() ? new VolumeDescription(spec.driver(), null).driver() : known.driver();
        if (driver.equals(VolumeDescription.LOCAL)) {
            return volumes.ensure(spec);
        }
        if (known.isLocal()) {
            Map<String, String> options = spec.options() == null ? Map.of() : spec.options();
            plugins.create(driver, spec.name(), options);
            volumes.keep(spec.name(), new VolumeDescription(driver, options));
        }
        return new Volume(spec.name(), "", Instant.now());
    }

    /**
     * Takes the volume away; nothing happens when there is none.
     *
     * @param force also when its plug-in is gone
     */
    public void delete(String name, boolean force) {
        if (!isMounted(name)) {
            volumes.delete(name);
            return;
        }
        locked(name, () -> {
            if (!names(uses.resolve(name)).isEmpty()) {
                throw new AgentFailure(AgentFailure.Code.CONFLICT, "remove " + name + ": volume has active mounts");
            }
            VolumeDescription volume = volumes.describe(name);
            if (volume.isLocal()) {
                unmount(volumes.path(name));
            } else {
                remove(volume, name, force);
            }
            volumes.delete(name);
            locks.remove(name);
            return null;
        });
    }

    private void remove(VolumeDescription volume, String name, boolean force) {
        try {
            plugins.remove(volume.driver(), name);
        } catch (AgentFailure e) {
            if (!force || e.code() != AgentFailure.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    private void end(VolumeDescription volume, String name, Path use) throws IOException {
        if (!Files.exists(use)) {
            return;
        }
        if (volume.isLocal() && names(use.getParent()).size() == 1) {
            unmount(volumes.path(name));
        } else if (!volume.isLocal() && Files.size(use) > 0) {
            unmount(volume, name, use.getFileName().toString());
        }
        Files.deleteIfExists(use);
        if (names(use.getParent()).isEmpty()) {
            Files.deleteIfExists(use.getParent());
        }
    }

    /** As with dockerd it is over, whatever the plug-in says. */
    private void unmount(VolumeDescription volume, String name, String use) {
        try {
            plugins.unmount(volume.driver(), name, use);
        } catch (IOException | AgentFailure e) {
            LOG.warnf("unmounting volume %s: %s", name, e.getMessage());
        }
    }

    /** Whatever is mounted there, more than once too: what is deleted afterwards must not be the host's. */
    private static void unmount(Path data) throws ErrnoException {
        try {
            while (true) {
                Mounts.detach(ByteStrings.of(data));
            }
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EINVAL && e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
    }

    private static boolean isMounted(Path data) throws ErrnoException {
        try (Fd directory = OpenFiles.open(ByteStrings.of(data), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            return Attributes.stat(directory).mountRoot();
        }
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T locked(String name, Work<T> work) {
        ReentrantLock lock = locks.computeIfAbsent(name, key -> new ReentrantLock());
        lock.lock();
        try {
            return work.run();
        } catch (IOException e) {
            throw StorageFailure.of("volume " + name, e);
        } finally {
            lock.unlock();
        }
    }

    private static List<String> names(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (IOException e) {
            throw StorageFailure.of("who uses volumes", e);
        }
    }
}
