package dev.gantry.agent.runtime;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/**
 * Gets the kernel ready for moving a process into a control group. The move takes a lock of the whole host whose first
 * taker waits for an RCU grace period, 8 to 15 ms, and whose next ones do not until another such period has passed
 * (cgroup_threadgroup_rwsem in kernel/cgroup/cgroup.c, kernel/rcu/sync.c). So while a container or an exec is being
 * prepared, this process is moved to the group where it is: nothing changes by that, and the waiting is over when the
 * runtime comes to its own move.
 */
@ApplicationScoped
public class CgroupMoves {
    private static final Logger LOG = Logger.getLogger(CgroupMoves.class);

    /** Well below a grace period. */
    private static final long REPEAT_MILLIS = 4;

    private final String pid = Long.toString(ProcessHandle.current().pid());
    private int preparations;

    /** For as long as it is open, moves are quick, after a grace period at its beginning. */
    public interface Ready extends AutoCloseable {
        @Override
        void close();
    }

    @PostConstruct
    void start() {
        Cgroups.ofHost()
                .ownGroups()
                .filter(this::listsUs)
                .findFirst()
                .ifPresentOrElse(
                        file -> Thread.ofPlatform()
                                .daemon()
                                .name("cgroup-moves")
                                .start(() -> repeat(file)),
                        () -> LOG.info("containers start without a prepared cgroup: this process' own is not visible"));
    }

    /** At the beginning of what ends in a move. */
    public synchronized Ready ready() {
        preparations++;
        notifyAll();
        return this::done;
    }

    private synchronized void done() {
        preparations--;
    }

    private synchronized void awaitPreparation() throws InterruptedException {
        while (preparations == 0) {
            wait();
        }
    }

    private boolean listsUs(Path file) {
        try {
            return Files.readAllLines(file).contains(pid);
        } catch (IOException e) {
            return false;
        }
    }

    private void repeat(Path file) {
        try {
            while (true) {
                awaitPreparation();
                Files.writeString(file, pid);
                Thread.sleep(REPEAT_MILLIS);
            }
        } catch (IOException e) {
            LOG.infof("containers start without a prepared cgroup: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
