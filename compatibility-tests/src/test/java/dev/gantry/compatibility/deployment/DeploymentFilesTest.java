package dev.gantry.compatibility.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compose files and systemd's units. */
class DeploymentFilesTest {
    @Test
    void settings_are_found_in_the_table() {
        assertEquals("/var/lib/gantry", Project.variables().get("GANTRY_DATA_DIR"));
        assertEquals("", Project.variables().get("GANTRY_POSTGRES_JDBC_URL"));
        assertTrue(Project.settings().size() > 40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-compose.yml", "docker-compose.ha.yml"})
    void containers_are_told_settings_only(String file) {
        Set<String> told = Project.compose(file).values().stream()
                .flatMap(service -> environment(service).keySet().stream())
                .filter(name -> name.startsWith("GANTRY_"))
                .collect(Collectors.toCollection(TreeSet::new));

        told.removeAll(Project.variables().keySet());
        assertEquals(Set.of(), told);
    }

    @Test
    void compose_has_each_image_once_and_its_ports() {
        Map<String, Map<String, Object>> services = Project.compose("docker-compose.yml");

        assertTrue(services.keySet().containsAll(Project.PARTS), services.keySet()::toString);
        for (String part : Project.PARTS) {
            assertEquals(
                    "${GANTRY_IMAGES:-gantry}/" + part + ":${GANTRY_VERSION:-" + Project.version() + "}",
                    services.get(part).get("image"));
            Set<Integer> listened = environment(services.get(part)).entrySet().stream()
                    .filter(entry -> entry.getKey().matches("GANTRY_(.*_LISTEN|DOCKER_TCP)"))
                    .map(entry -> Integer.valueOf(
                            entry.getValue().substring(entry.getValue().lastIndexOf(':') + 1)))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<Integer> exposed = new TreeSet<>(Project.ports(part));
            exposed.remove(Integer.valueOf(Project.settings().get("gantry.health.port")));
            assertEquals(exposed, listened, part);
        }
    }

    @Test
    void compose_listens_in_the_clear_on_loopback_and_only_when_asked() {
        Map<String, Map<String, Object>> services = Project.compose("docker-compose.yml");
        Set<String> clear = services.keySet().stream()
                .filter(name -> environment(services.get(name)).containsKey("GANTRY_DOCKER_TCP_INSECURE"))
                .collect(Collectors.toSet());

        assertEquals(Set.of("gateway-clear"), clear);
        assertEquals(List.of("clear"), services.get("gateway-clear").get("profiles"));
        assertEquals(
                "127.0.0.1:${GANTRY_CLEAR_PORT:-2375}",
                environment(services.get("gateway-clear")).get("GANTRY_DOCKER_TCP"));
        assertTrue(environment(services.get("gateway-clear"))
                .get("GANTRY_HEALTH_HOST")
                .startsWith("127."));
    }

    @Test
    void compose_overrides_only_what_there_is() {
        Set<String> overridden =
                new TreeSet<>(Project.compose("docker-compose.ha.yml").keySet());
        overridden.removeAll(Project.compose("docker-compose.yml").keySet());

        assertEquals(Set.of("balancer", "gateway-2", "kafka-2", "kafka-3"), overridden);
    }

    @Test
    void balancer_asks_where_gateways_answer() {
        String balancer = Project.text("deploy/balancer.cfg");

        assertEquals(
                List.of(Project.settings().get("gantry.health.port")), Project.found("check port (\\d+)", balancer));
        assertEquals(
                Set.of("2376"),
                Set.copyOf(Project.found("^  (?:bind |server [a-z0-9-]+ [a-z0-9-]*):(\\d+)", balancer)));
        assertTrue(Project.ports("gateway").contains(2376));
    }

    @Test
    void units_start_what_is_installed_and_settings_beside_them_are_known() {
        String installed = Project.found("^INSTALLED=(.*)", Project.text("launcher/package.sh"))
                .getFirst();
        for (String unit : List.of("gantry", "gantry-agent")) {
            List<String> started =
                    Project.found("^ExecStart=(.*)", Project.text("launcher/package/" + unit + ".service"));
            String part = unit.equals("gantry") ? "standalone" : "agent";

            assertEquals(List.of(installed + "/gantry run " + part), started);
        }
        Set<String> keys = new TreeSet<>(
                Project.found("^#?(gantry\\.[a-z.-]+)=", Project.text("launcher/package/gantry.properties")));
        assertTrue(!keys.isEmpty());
        keys.removeAll(Project.settings().keySet());
        assertEquals(Set.of(), keys);
    }

    @SuppressWarnings("unchecked")
    static Map<String, String> environment(Map<String, Object> service) {
        return ((Map<String, Object>) service.getOrDefault("environment", Map.of()))
                .entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                        .toString()));
    }
}
