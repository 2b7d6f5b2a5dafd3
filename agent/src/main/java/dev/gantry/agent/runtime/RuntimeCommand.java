package dev.gantry.agent.runtime;

import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.MountViews;
import dev.gantry.agent.linux.SealedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * How a runtime is run on this host. Each step between conmon and the runtime's work is a program to load, and each
 * takes a millisecond or two, so there are as few as can be.
 */
final class RuntimeCommand {
    private static final Logger LOG = Logger.getLogger(RuntimeCommand.class);

    /** Where a hybrid host has the version 2 hierarchy. */
    private static final String UNIFIED = "/sys/fs/cgroup/unified";

    private final String program;
    private final boolean hidesUnified;
    private final Path nsenter;

    private RuntimeCommand(String program, boolean hidesUnified, Path nsenter) {
        this.program = program;
        this.hidesUnified = hidesUnified;
        this.nsenter = nsenter;
    }

    /** The program as it is. */
    static RuntimeCommand of(Path program) {
        return new RuntimeCommand(program.toString(), false, null);
    }

    /**
     * A sealed copy. A container could change a runtime that enters it (CVE-2019-5736); crun therefore copies itself
     * into memory at each start, unless it finds that it runs from such a copy. Hosts may forbid programs in memory
     * (sysctl vm.memfd_noexec); there it runs as it is.
     */
    static RuntimeCommand sealed(Path program) {
        try {
            // Open as long as this process lives.
            Fd copy = SealedPrograms.copy(program);
            return new RuntimeCommand(copy.pathForOthers(), false, null);
        } catch (IOException e) {
            LOG.infof("%s runs from its file: %s", program, e.getMessage());
            return of(program);
        }
    }

    /**
     * The same in a mount namespace without the version 2 hierarchy, which crun before 1.9 refuses to see beside version
     * 1. Each run gets a namespace of its own, which ends with it: no mount of the host's is held by a container.
     */
    RuntimeCommand withoutUnified() throws IOException {
        Path entering = Programs.find("nsenter").orElseThrow(() -> new IOException("nsenter is not installed"));
        return new RuntimeCommand(program, true, entering);
    }

    /** What to run, with the runtime's arguments behind it; close it when the runtime has ended. */
    record Prepared(List<String> words, Fd mounts) implements AutoCloseable {
        @Override
        public void close() {
            if (mounts != null) {
                mounts.close();
            }
        }
    }

    Prepared prepare() throws IOException {
        if (!hidesUnified) {
            return new Prepared(List.of(program), null);
        }
        Fd mounts = MountViews.without(UNIFIED);
        return new Prepared(List.of(nsenter.toString(), "--mount=" + mounts.pathForOthers(), program), mounts);
    }

    /** For a start and for execs: what crun refuses on hybrid hosts is to make a cgroup. */
    Prepared unprepared() {
        return new Prepared(List.of(program), null);
    }
}
