package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** That what the API says of containers is what the machine runs: none lost, none running unowned, none in between. */
record Ownership(Instance instance, Database database) {
    private static final long SETTLE_SECONDS = 30;

    /** Waits until it is so. */
    void settle() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        List<String> wrong = differences();
        while (!wrong.isEmpty() && System.nanoTime() < end) {
            Docker.pause(200);
            wrong = differences();
        }
        assertEquals(List.of(), wrong);
    }

    private List<String> differences() {
        List<String> wrong = new ArrayList<>(
                database.query("select 'under way: ' || name || ' ' || operation from container.containers"
                        + " where operation is not null"));
        Map<String, Long> supervisors = new Supervisors(instance).byContainer();
        Set<String> cgroups = new TreeSet<>(new Supervisors(instance).cgroups(database.containersEver()));
        JsonNode listed =
                instance.engine().get("/containers/json?all=1").is(200).json();
        for (JsonNode container : listed) {
            String id = container.get("Id").asText();
            String name = container.at("/Names/0").asText() + " " + id.substring(0, 12);
            boolean said = container.get("State").asText().equals("running");
            boolean supervised = supervisors.remove(id.substring(0, 32)) != null;
            boolean runs = cgroups.remove(id);
            if (said != supervised || said != runs) {
                wrong.add(name + " is " + container.get("State").asText() + ", supervised " + supervised + ", cgroup "
                        + runs);
            }
        }
        supervisors.forEach((id, pid) -> wrong.add("conmon " + pid + " supervises " + id + ", which nobody knows"));
        cgroups.forEach(id -> wrong.add("cgroup of " + id + ", which nobody knows"));
        return wrong;
    }
}
