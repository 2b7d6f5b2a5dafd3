package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpecBuilderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static ContainerConfig merge(String asked, String image) {
        return ImageDefaults.merge(CreateRequest.parse(tree(asked)).config(), tree(image), "cafecafecafe");
    }

    private static ContainerSpec spec(String asked, String image) {
        return SpecBuilder.build(
                "f".repeat(64),
                "name",
                merge(asked, image),
                CreateRequest.parse(tree(asked)).hostConfig(),
                List.of(),
                List.of());
    }

    @Test
    void command_of_the_client_follows_the_images_entrypoint() {
        ContainerConfig config = merge("{'Cmd':['x']}", "{'Entrypoint':['/e'],'Cmd':['y']}");

        assertEquals(List.of("/e", "x"), SpecBuilder.args(config));
    }

    @Test
    void entrypoint_of_the_client_hides_the_images_command() {
        assertEquals(List.of("/mine"), SpecBuilder.args(merge("{'Entrypoint':'/mine'}", "{'Cmd':['y']}")));
    }

    @Test
    void empty_entrypoint_removes_the_images() {
        ContainerConfig config = merge("{'Entrypoint':[''],'Cmd':['x']}", "{'Entrypoint':['/e']}");

        assertNull(config.entrypoint());
        assertEquals(List.of("x"), SpecBuilder.args(config));
    }

    @Test
    void no_command_at_all_is_refused() {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> merge("{'Image':'x'}", "{}"));

        assertEquals("no command specified", error.getMessage());
    }

    @Test
    void environment_is_the_clients_then_the_images() {
        ContainerConfig config = merge("{'Cmd':['x'],'Env':['A=1']}", "{'Env':['A=2','B=3']}");

        assertEquals(List.of("A=1", "B=3"), config.env());
    }

    @Test
    void variable_without_value_is_removed() {
        List<String> env =
                spec("{'Cmd':['x'],'Env':['HOSTNAME','C=1']}", "{}").process().env();

        assertEquals(List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "C=1"), env);
    }

    @Test
    void terminal_gets_its_type() {
        assertTrue(spec("{'Cmd':['x'],'Tty':true}", "{}").process().env().contains("TERM=xterm"));
    }

    @Test
    void labels_and_ports_are_united() {
        ContainerConfig config = merge(
                "{'Cmd':['x'],'Labels':{'a':'1'},'ExposedPorts':{'80/tcp':{}}}",
                "{'Labels':{'a':'0','b':'2'},'ExposedPorts':{'81/tcp':{}}}");

        assertEquals(Map.of("a", "1", "b", "2"), config.labels());
        assertEquals(2, config.exposedPorts().size());
    }

    @Test
    void stop_signal_is_given_by_number() {
        assertEquals("2", spec("{'Cmd':['x'],'StopSignal':'SIGINT'}", "{}").stopSignal());
        assertEquals("15", spec("{'Cmd':['x']}", "{}").stopSignal());
    }

    @Test
    void paths_lead_nowhere_above_the_root() {
        ContainerSpec spec = spec(
                "{'Cmd':['x'],'WorkingDir':'/../../x/../y','HostConfig':{'CgroupParent':'../../x',"
                        + "'Devices':[{'PathOnHost':'/dev/null','PathInContainer':'/dev/../../etc/x'}]}}",
                "{}");

        assertEquals("/y", spec.process().cwd());
        assertEquals("/x", spec.resources().cgroupParent());
        assertEquals("/etc/x", spec.resources().devices().getFirst().pathInContainer());
    }

    @Test
    void an_images_working_directory_is_absolute_too() {
        EngineError error =
                assertThrows(EngineError.BadParameter.class, () -> merge("{'Cmd':['x']}", "{'WorkingDir':'rel'}"));

        assertEquals("the working directory 'rel' is invalid, it needs to be an absolute path", error.getMessage());
    }

    @Test
    void privileged_container_is_not_filtered() {
        ContainerSpec.Security security = spec(
                        "{'Cmd':['x'],'HostConfig':{'Privileged':true,'CapAdd':['cap_kill']}}", "{}")
                .security();

        assertEquals("unconfined", security.seccompProfile());
        assertEquals(List.of("KILL"), security.capAdd());
    }
}
