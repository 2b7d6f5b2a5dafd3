package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Limits;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.runtime.CgroupLimits;
import dev.gantry.agent.runtime.Cgroups;
import dev.gantry.agent.runtime.GroupFiles;
import dev.gantry.agent.runtime.LimitChange;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.OciRuntime;
import dev.gantry.agent.runtime.OciSpec;
import dev.gantry.agent.runtime.Runtimes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;

/**
 * Gives a container other limits and another restart policy. One that runs has the runtime set them, then the specification on
 * disk says so; when either fails, the group is as it was. An agent that is killed in between is asked once more: the
 * specification still has what was, so that all is set again.
 */
@ApplicationScoped
class ChangeLimits {
    private final Runtimes runtimes;
    private final ObjectMapper json;
    private final Cgroups cgroups = Cgroups.ofHost();

    ChangeLimits(Runtimes runtimes, ObjectMapper json) {
        this.runtimes = runtimes;
        this.json = json;
    }

    /** @throws AgentFailure INTERNAL with the runtime's words when the kernel does not allow it */
    void change(AgentContainer container, Limits changed) {
        if (changed == null || changed.resources() == null || changed.restart() == null) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "limits need resources and a restart policy");
        }
        String complaint = CgroupLimits.complaint(changed.resources(), cgroups);
        if (complaint != null) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, complaint);
        }
        container.exclusively(() -> {
            ContainerSpec after = container.spec().with(changed.resources(), changed.restart());
            LimitChange change = LimitChange.of(container.spec().resources(), after.resources(), cgroups);
            if (!change.isEmpty() && container.state() instanceof Running) {
                set(container, change, after);
            } else {
                keep(container, after);
            }
            return null;
        });
    }

    private void set(AgentContainer container, LimitChange change, ContainerSpec after) {
        GroupFiles before = new GroupFiles(cgroups, OciConfig.cgroup(container.spec()));
        try {
            OciRuntime runtime = runtimes.of(after);
            OciSpec.Resources told = runtime.toldOf(change);
            if (told != null) {
                Disk.replace(container.files().limits(), json.writeValueAsBytes(told));
                runtime.update(container.id(), container.files().limits());
            }
            if (!runtime.endsLimits()) {
                before.lift(change);
            }
            keep(container, after);
        } catch (IOException e) {
            before.restore();
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "the limits cannot be set: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            before.restore();
            throw e;
        } finally {
            forget(container);
        }
    }

    private static void forget(AgentContainer container) {
        try {
            Files.deleteIfExists(container.files().limits());
        } catch (IOException e) {
            // Goes with the bundle.
        }
    }

    private static void keep(AgentContainer container, ContainerSpec after) {
        try {
            container.respecify(after);
        } catch (IOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.NO_SPACE, "the container's limits cannot be written: " + e.getMessage(), e);
        }
    }
}
