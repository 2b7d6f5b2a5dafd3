package dev.gantry.agent.stats;

import dev.gantry.agent.api.ContainerStats.BlockIo;
import dev.gantry.agent.api.ContainerStats.CpuUsage;
import dev.gantry.agent.api.ContainerStats.Memory;
import dev.gantry.agent.api.ContainerStats.Pids;
import dev.gantry.agent.api.ContainerStats.Throttling;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of a control group. Which of them there are, and under which names, is what dockerd makes of either version. */
sealed interface GroupFigures permits GroupFiguresV1, GroupFiguresV2 {
    Pids pids() throws IOException;

    BlockIo blkio() throws IOException;

    CpuUsage cpu() throws IOException;

    Throttling throttling() throws IOException;

    /** @param most the host's memory, in bytes */
    Memory memory(long most) throws IOException;

    static GroupFigures of(GroupFiles files) {
        return files.unified() ? new GroupFiguresV2(files) : new GroupFiguresV1(files);
    }

    /** Those that dockerd tells of, 0 where this kernel does not count. */
    static Map<String, Long> pick(Iterable<String> names, Map<String, Long> found) {
        Map<String, Long> picked = new LinkedHashMap<>();
        names.forEach(name -> picked.put(name, found.getOrDefault(name, 0L)));
        return picked;
    }
}
