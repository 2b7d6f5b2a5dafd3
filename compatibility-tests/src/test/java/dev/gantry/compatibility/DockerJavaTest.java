package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Volume;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Another client than the docker program: docker-java, as Testcontainers uses it. */
@EndpointTest
class DockerJavaTest {
    /** Collects a stream's text. */
    private static final class Text extends ResultCallback.Adapter<Frame> {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void onNext(Frame frame) {
            text.append(frame.getStreamType())
                    .append(' ')
                    .append(new String(frame.getPayload(), java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    @Test
    void create_start_wait_logs_remove(Docker docker, Engine engine) throws Exception {
        DockerClient client = engine.dockerJava();
        String id = client.createContainerCmd(Images.BUSYBOX)
                .withName(docker.name("java"))
                .withCmd("sh", "-c", "echo out; exit 6")
                .withEnv("A=b")
                .withLabels(Map.of("k", "v"))
                .exec()
                .getId();

        client.startContainerCmd(id).exec();

        assertEquals(
                6,
                client.waitContainerCmd(id)
                        .exec(new WaitContainerResultCallback())
                        .awaitStatusCode(20, TimeUnit.SECONDS));
        Text text = client.logContainerCmd(id).withStdOut(true).withStdErr(true).exec(new Text());
        assertTrue(text.awaitCompletion(20, TimeUnit.SECONDS));
        assertEquals("STDOUT out\n", text.text.toString());
        InspectContainerResponse it = client.inspectContainerCmd(id).exec();
        assertEquals(6, it.getState().getExitCodeLong());
        assertEquals("v", it.getConfig().getLabels().get("k"));
        client.removeContainerCmd(id).exec();
        assertThrows(
                NotFoundException.class, () -> client.inspectContainerCmd(id).exec());
    }

    @Test
    void exec(Docker docker, Engine engine) throws Exception {
        DockerClient client = engine.dockerJava();
        String name = docker.sleeping("java");
        String exec = client.execCreateCmd(name)
                .withAttachStdout(true)
                .withAttachStderr(true)
                .withCmd("sh", "-c", "echo out; sleep 0.1; echo err >&2; exit 4")
                .exec()
                .getId();

        Text text = client.execStartCmd(exec).exec(new Text());

        assertTrue(text.awaitCompletion(20, TimeUnit.SECONDS));
        assertEquals("STDOUT out\nSTDERR err\n", text.text.toString());
        assertEquals(4, client.inspectExecCmd(exec).exec().getExitCodeLong());
    }

    @Test
    void ports_and_binds_as_testcontainers_sets_them(Docker docker, Engine engine) {
        DockerClient client = engine.dockerJava();
        String id = client.createContainerCmd(Images.BUSYBOX)
                .withName(docker.name("java"))
                .withCmd("sleep", "100")
                .withExposedPorts(ExposedPort.tcp(80))
                .withHostConfig(HostConfig.newHostConfig()
                        .withPortBindings(PortBinding.parse("80"))
                        .withBinds(new Bind(docker.name("v"), new Volume("/v"))))
                .exec()
                .getId();
        client.startContainerCmd(id).exec();

        InspectContainerResponse it = client.inspectContainerCmd(id).exec();

        var bindings = it.getNetworkSettings().getPorts().getBindings().get(ExposedPort.tcp(80));
        assertTrue(Integer.parseInt(bindings[0].getHostPortSpec()) > 0);
        assertEquals("/v", it.getMounts().getFirst().getDestination().getPath());
        assertThrows(
                ConflictException.class, () -> client.removeContainerCmd(id).exec());
    }

    @Test
    void networks_are_made_joined_left_and_removed(Docker docker, Engine engine) {
        DockerClient client = engine.dockerJava();
        String id = client.createNetworkCmd()
                .withName(docker.name("net"))
                .withDriver("bridge")
                .withInternal(true)
                .withLabels(Map.of("of", "java"))
                .withOptions(Map.of("com.docker.network.driver.mtu", "1400"))
                .withIpam(new Network.Ipam()
                        .withConfig(new Network.Ipam.Config()
                                .withSubnet("10.207.1.0/24")
                                .withGateway("10.207.1.9")))
                .exec()
                .getId();
        String name = docker.sleeping("java");

        client.connectToNetworkCmd()
                .withNetworkId(id)
                .withContainerId(name)
                .withContainerNetwork(new ContainerNetwork()
                        .withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address("10.207.1.77"))
                        .withAliases("alias"))
                .exec();

        Network network = client.inspectNetworkCmd().withNetworkId(id).exec();
        assertEquals(docker.name("net"), network.getName());
        assertEquals("10.207.1.9", network.getIpam().getConfig().getFirst().getGateway());
        assertTrue(network.getInternal());
        assertEquals("java", network.getLabels().get("of"));
        assertEquals(
                "10.207.1.77/24",
                network.getContainers().values().iterator().next().getIpv4Address());
        ContainerNetwork joined = client.inspectContainerCmd(name)
                .exec()
                .getNetworkSettings()
                .getNetworks()
                .get(docker.name("net"));
        assertEquals("10.207.1.77", joined.getIpAddress());
        assertTrue(joined.getAliases().contains("alias"));
        assertEquals(
                List.of(id),
                client.listNetworksCmd().withNameFilter(docker.name("net")).exec().stream()
                        .map(Network::getId)
                        .toList());
        assertThrows(DockerException.class, () -> client.removeNetworkCmd(id).exec());

        client.disconnectFromNetworkCmd()
                .withNetworkId(id)
                .withContainerId(name)
                .withForce(true)
                .exec();
        client.removeNetworkCmd(id).exec();

        assertThrows(
                NotFoundException.class,
                () -> client.inspectNetworkCmd().withNetworkId(id).exec());
    }

    @Test
    void lists_and_images(Docker docker, Engine engine) {
        DockerClient client = engine.dockerJava();
        String name = docker.sleeping("java", "--label", docker.name("label"));

        var containers = client.listContainersCmd()
                .withLabelFilter(List.of(docker.name("label")))
                .exec();

        assertEquals(1, containers.size());
        assertEquals("/" + name, containers.getFirst().getNames()[0]);
        assertEquals(
                Images.busybox().id(),
                client.inspectImageCmd(Images.BUSYBOX).exec().getId());
        assertTrue(client.listImagesCmd().exec().size() >= 2);
        assertTrue(client.infoCmd().exec().getContainers() >= 1);
        assertEquals("linux", client.versionCmd().exec().getOperatingSystem());
        client.pingCmd().exec();
    }
}
