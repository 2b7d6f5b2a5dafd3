package dev.gantry.agent.host;

import java.nio.file.Path;

/**
 * Every path of one container. What must outlive a reboot is below the data directory, what belongs to a running
 * process (and vanishes with it) below the run directory.
 *
 * @param data {@code <data>/agent/containers/<id>}
 * @param run {@code <run>/agent/c/<first half of id>}: also the OCI bundle. Half an id, since the path of conmon's attach
 *     socket must fit into the 107 bytes of a unix socket's address.
 */
public record ContainerFiles(String id, Path data, Path run) {
    public Path spec() {
        return data.resolve("spec.json");
    }

    public Path networkPlan() {
        return data.resolve("network.json");
    }

    public Path state() {
        return data.resolve("state.json");
    }

    /** Output in Kubernetes' log format, written by conmon; rotated files have {@code .1}, {@code .2} and so on. */
    public Path log() {
        return data.resolve("ctr.log");
    }

    public Path hosts() {
        return data.resolve("hosts");
    }

    public Path hostname() {
        return data.resolve("hostname");
    }

    public Path resolvConf() {
        return data.resolve("resolv.conf");
    }

    /** By which it is seen whether someone has edited {@link #resolvConf}. */
    public Path resolvConfHash() {
        return data.resolve("resolv.conf.hash");
    }

    /** The OCI bundle: conmon's working directory. */
    public Path bundle() {
        return run;
    }

    public Path ociConfig() {
        return run.resolve("config.json");
    }

    /** Limits that the runtime is to set; there for that moment only. */
    public Path limits() {
        return run.resolve("limits.json");
    }

    /** conmon's SOCK_SEQPACKET socket for stdin and output. */
    public Path attachSocket() {
        return run.resolve("attach");
    }

    /** conmon's control fifo: {@code 1 rows columns} resizes, {@code 2 0 0} opens the log file anew. */
    public Path control() {
        return run.resolve("ctl");
    }

    public Path pid() {
        return run.resolve("pid");
    }

    public Path conmonPid() {
        return run.resolve("conmon.pid");
    }

    /** A mount of {@code /dev/shm} that other containers may join; only with a shareable ipc namespace. */
    public Path sharedMemory() {
        return run.resolve("shm");
    }

    /** Mounts of parts of volumes, while the runtime makes the container of them; outside of what is deleted as a tree. */
    public Path parts() {
        return run.getParent().resolveSibling("p").resolve(run.getFileName());
    }

    /** The ports of its name server, for the next agent. */
    public Path namePorts() {
        return run.resolve("names");
    }

    /** There while its processes are frozen for a copy of its files. */
    public Path frozen() {
        return run.resolve("frozen");
    }

    /** Made by conmon when the kernel killed a process of the container for want of memory. */
    public Path oom() {
        return run.resolve("oom");
    }
}
