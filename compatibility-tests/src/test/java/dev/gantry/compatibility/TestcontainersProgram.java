package dev.gantry.compatibility;

import dev.gantry.compatibility.docker.Images;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * What a project's tests do with Testcontainers: a network, a server with an alias there and a port, and a client. A program
 * of its own, since Testcontainers takes its endpoint from the environment.
 */
final class TestcontainersProgram {
    private TestcontainersProgram() {}

    public static void main(String[] args) throws Exception {
        DockerImageName image = DockerImageName.parse(Images.BUSYBOX);
        try (Network network = Network.newNetwork();
                GenericContainer<?> server = new GenericContainer<>(image)
                        .withNetwork(network)
                        .withNetworkAliases("web", "www")
                        .withEnv("GREETING", "hello")
                        .withCommand("sh", "-c", "echo $GREETING > /tmp/index.html; httpd -f -p 80 -h /tmp")
                        .withExposedPorts(80)
                        .waitingFor(Wait.forHttp("/index.html"));
                GenericContainer<?> client = new GenericContainer<>(image)
                        .withNetwork(network)
                        .withCommand("sh", "-c", "echo ready; sleep 1000")
                        .waitingFor(Wait.forLogMessage(".*ready.*", 1))) {
            server.start();
            client.start();
            for (String name : new String[] {"web", "www"}) {
                System.out.print(name + " says "
                        + client.execInContainer("wget", "-q", "-O", "-", "http://" + name + "/index.html")
                                .getStdout());
            }
            URI outside = URI.create("http://" + server.getHost() + ":" + server.getMappedPort(80) + "/index.html");
            try (InputStream answer = outside.toURL().openStream()) {
                System.out.print("port says " + new String(answer.readAllBytes(), StandardCharsets.UTF_8));
            }
            System.out.println("log says " + client.getLogs().strip());
            System.out.println("network is " + network.getId());
        }
    }
}
