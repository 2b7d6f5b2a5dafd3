package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.runtime.ContainerMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code /dev/shm} of containers with a shareable ipc namespace. A mount inside one container cannot be bound into
 * another, so theirs are made on the host.
 */
final class SharedMemory {
    private SharedMemory() {}

    static void mount(ContainerSpec spec, ContainerFiles files) throws IOException {
        if (!"shareable".equals(spec.namespaces().ipc())) {
            return;
        }
        Files.createDirectories(files.sharedMemory());
        Mounts.mount(
                "shm",
                ByteStrings.of(files.sharedMemory()),
                "tmpfs",
                Mounts.NO_SUID | Mounts.NO_DEV | Mounts.NO_EXEC,
                "mode=1777,size=" + ContainerMounts.shmSize(spec));
    }

    static void unmount(ContainerFiles files) throws IOException {
        if (Files.exists(files.sharedMemory())) {
            try {
                Mounts.detach(ByteStrings.of(files.sharedMemory()));
            } catch (ErrnoException e) {
                // Made, but not mounted.
                if (e.errno() != ErrnoException.EINVAL) {
                    throw e;
                }
            }
        }
    }

    /** Where another container may bind it from. */
    static Path of(AgentContainer container) {
        if (!Files.exists(container.files().sharedMemory())) {
            throw new AgentFailure(
                    AgentFailure.Code.CONFLICT,
                    "can't join IPC of container " + container.id() + ": non-shareable IPC (hint: use IpcMode:shareable"
                            + " for the donor container)");
        }
        return container.files().sharedMemory();
    }
}
