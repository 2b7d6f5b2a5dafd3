package dev.gantry.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.Containers.Condition;
import dev.gantry.engine.container.Containers.ContainerUse;
import dev.gantry.engine.version.ApiVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Containers} and {@link ContainerUsage} does, with one host and one image. */
public abstract class ContainersContract {
    private static final ObjectMapper JSON = new ObjectMapper();

    protected abstract Containers containers();

    protected abstract ContainerUsage usage();

    /** Reference of an image. */
    protected abstract String image();

    /** Command that runs until it is stopped. */
    protected abstract List<String> endless();

    /** Command that ends at once with this exit code. */
    protected abstract List<String> ending(int exitCode);

    @Test
    void a_container_is_created_started_stopped_and_removed() throws Throwable {
        String id = created("contract", endless());
        assertEquals(
                new Containers.Counts(0, 0, 1), Port.call(() -> containers().counts()));

        Port.call(() -> containers().start("contract"));
        Port.refused(EngineError.NotModified.class, () -> containers().start(id));
        assertEquals(
                new Containers.Counts(1, 0, 0), Port.call(() -> containers().counts()));
        assertEquals(
                List.of(1L), List.copyOf(Port.call(() -> containers().load()).values()));

        Port.call(() -> containers().stop(id, new Containers.Stop(null, 0)));
        Port.refused(EngineError.NotModified.class, () -> containers().stop(id, new Containers.Stop(null, 0)));
        assertEquals(
                new Containers.Counts(0, 0, 1), Port.call(() -> containers().counts()));

        Port.call(() -> containers().remove(id, new Containers.Removal(false, true)));
        assertEquals(
                new Containers.Counts(0, 0, 0), Port.call(() -> containers().counts()));
    }

    @Test
    void a_wait_ends_with_the_exit_code() throws Throwable {
        String id = created("", ending(3));
        Port.call(() -> containers().start(id));

        assertEquals(3L, Port.call(() -> containers().await(id, Condition.NOT_RUNNING)));
        Port.call(() -> containers().remove(id, new Containers.Removal(false, false)));
    }

    @Test
    void a_running_container_is_removed_by_force_only() throws Throwable {
        String id = created("contract", endless());
        Port.call(() -> containers().start(id));

        String refusal = Port.refused(
                EngineError.Conflict.class, () -> containers().remove(id, new Containers.Removal(false, false)));
        assertTrue(refusal.contains("container is running"), refusal);
        Port.call(() -> containers().remove(id, new Containers.Removal(true, true)));
    }

    @Test
    void a_container_leaves_a_network_and_comes_back() throws Throwable {
        String id = created("contract", endless());
        Port.call(() -> containers().disconnect("contract", new Containers.Departure("bridge", false)));
        Port.assertRefused(
                EngineError.Failed.class,
                "container " + id + " is not connected to the network bridge",
                () -> containers().disconnect(id, new Containers.Departure("bridge", false)));
        Port.assertRefused(
                EngineError.Failed.class,
                "container " + id + " is not connected to the network nowhere",
                () -> containers().disconnect(id, new Containers.Departure("nowhere", true)));
        Port.call(() -> containers().connect(id, new Containers.Connection("bridge", null)));
        Port.call(() -> containers().start(id));

        Port.assertRefused(
                EngineError.Forbidden.class,
                "endpoint with name contract already exists in network bridge",
                () -> containers().connect(id, new Containers.Connection("bridge", null)));
        Port.call(() -> containers().remove(id, new Containers.Removal(true, true)));
    }

    @Test
    void what_is_wrong_is_refused_in_dockers_words() {
        String missing = "No such container: no/such one";
        Port.assertRefused(
                EngineError.NotFound.class, missing, () -> containers().start("no/such one"));
        Port.assertRefused(
                EngineError.NotFound.class, missing, () -> containers().await("no/such one", Condition.NOT_RUNNING));
        Port.assertRefused(
                EngineError.BadParameter.class,
                "config cannot be empty in order to create a container",
                () -> containers().create(new Containers.Creation("", "", JSON.createObjectNode(), ApiVersion.NEWEST)));
        ObjectNode without = JSON.createObjectNode().put("Tty", true);
        Port.assertRefused(EngineError.BadParameter.class, "no command specified", () -> containers()
                .create(new Containers.Creation("", "", without, ApiVersion.NEWEST)));
        ObjectNode imageless = without.deepCopy();
        imageless.putArray("Cmd").add("true");
        Port.assertRefused(EngineError.BadParameter.class, "no image specified", () -> containers()
                .create(new Containers.Creation("", "", imageless, ApiVersion.NEWEST)));
    }

    @Test
    void who_uses_an_image_and_how_it_stands_is_told() throws Throwable {
        String id = created("contract", endless());
        String imageId = Port.call(() -> usage().containers()).getFirst().imageId();

        ContainerUse use = new ContainerUse(id, "contract", image(), false);
        assertEquals(List.of(use), Port.call(() -> containers().usingImage(imageId)));
        assertEquals(List.of(new Containers.Standing(id, "contract", false)), Port.call(() -> containers()
                .standing(List.of(id, "f".repeat(64)))));
        assertEquals(List.of(), Port.call(() -> containers().usingImage("sha256:0")));
        assertEquals(List.of(), Port.call(() -> usage().volumes()));
        Port.call(() -> containers().remove(id, new Containers.Removal(false, false)));
    }

    private String created(String name, List<String> command) throws Throwable {
        JsonNode body = JSON.createObjectNode().put("Image", image()).set("Cmd", JSON.valueToTree(command));
        return Port.call(() -> containers().create(new Containers.Creation(name, "", body, ApiVersion.NEWEST)))
                .id();
    }
}
