package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Engine.Answer;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One request that is under way while something is killed. What was answered must hold afterwards; what was not may
 * have happened or not, but wholly.
 */
sealed interface Attempt {
    /** Ends with 7 when it is stopped, and runs for ever otherwise. */
    String STOPPABLE = "trap 'exit 7' TERM; echo up; while :; do sleep 1000 & wait $!; done";

    /** How long it takes undisturbed, in milliseconds, on a slow machine. */
    int span();

    /** What must be there before. */
    default void prepare(Engine engine) {}

    /** The request. Fails in many ways when something dies meanwhile. */
    Answer send(Engine engine);

    /** @param answered whether {@link #send} returned success */
    void verify(Engine engine, boolean answered);

    private static Answer create(Engine engine, String name, String image) {
        return engine.post(
                "/containers/create?name=" + name,
                """
                {"Image":"%s","Cmd":["sh","-c","%s"],"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":""}]}},\
                "Volumes":{"/anonymous":{}}}"""
                        .formatted(image, STOPPABLE));
    }

    private static void createAndStart(Engine engine, String name) {
        create(engine, name, Images.BUSYBOX).is(201);
        engine.post("/containers/" + name + "/start").is(204);
    }

    private static JsonNode state(Engine engine, String name) {
        return engine.get("/containers/" + name + "/json").is(200).json().get("State");
    }

    private static void assertIn(List<String> allowed, JsonNode state) {
        assertTrue(allowed.contains(state.get("Status").asText()), () -> allowed + " expected: " + state);
    }

    /** {@code POST /containers/create}. */
    record Create(String name) implements Attempt {
        @Override
        public int span() {
            return 120;
        }

        @Override
        public Answer send(Engine engine) {
            return Attempt.create(engine, name, Images.BUSYBOX);
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            Answer found = engine.get("/containers/" + name + "/json");
            if (answered) {
                found.is(200);
            } else if (found.status() == 404) {
                // The name must be free.
                send(engine).is(201);
            }
            assertEquals("created", state(engine, name).get("Status").asText());
            engine.post("/containers/" + name + "/start").is(204);
        }
    }

    /** {@code POST /containers/{id}/start}. */
    record Start(String name) implements Attempt {
        @Override
        public int span() {
            return 250;
        }

        @Override
        public void prepare(Engine engine) {
            Attempt.create(engine, name, Images.BUSYBOX).is(201);
        }

        @Override
        public Answer send(Engine engine) {
            return engine.post("/containers/" + name + "/start");
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            assertIn(answered ? List.of("running") : List.of("running", "created", "exited"), state(engine, name));
            Answer again = engine.post("/containers/" + name + "/start");
            assertTrue(again.status() == 204 || again.status() == 304, again::body);
            assertEquals("running", state(engine, name).get("Status").asText());
        }
    }

    /** {@code POST /containers/{id}/stop}. */
    record Stop(String name) implements Attempt {
        @Override
        public int span() {
            return 200;
        }

        @Override
        public void prepare(Engine engine) {
            createAndStart(engine, name);
            Docker.await("its handler is set", () -> engine.get("/containers/" + name + "/logs?stdout=1")
                    .body()
                    .contains("up"));
        }

        @Override
        public Answer send(Engine engine) {
            return engine.post("/containers/" + name + "/stop");
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            assertIn(answered ? List.of("exited") : List.of("running", "exited"), state(engine, name));
            Answer again = engine.post("/containers/" + name + "/stop");
            assertTrue(again.status() == 204 || again.status() == 304, again::body);
            JsonNode state = state(engine, name);
            assertEquals("exited", state.get("Status").asText());
            assertEquals(7, state.get("ExitCode").asInt(), state::toString);
        }
    }

    /** {@code DELETE /containers/{id}} of one that runs. */
    record Remove(String name) implements Attempt {
        @Override
        public int span() {
            return 250;
        }

        @Override
        public void prepare(Engine engine) {
            createAndStart(engine, name);
        }

        @Override
        public Answer send(Engine engine) {
            return engine.delete("/containers/" + name + "?force=1&v=1");
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            Answer found = engine.get("/containers/" + name + "/json");
            if (answered) {
                found.is(404);
            }
        }
    }

    /** {@code POST /images/create}. */
    record Pull(String reference, String name) implements Attempt {
        @Override
        public int span() {
            return 600;
        }

        @Override
        public Answer send(Engine engine) {
            Answer answer = engine.post("/images/create?fromImage=" + reference);
            return answer.status() == 200 && !answer.body().contains("Status: ")
                    ? new Answer(500, answer.headers(), answer.body())
                    : answer;
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            if (answered) {
                engine.get("/images/" + reference + "/json").is(200);
            } else {
                send(engine).is(200);
            }
            // Its layers must be whole.
            Attempt.create(engine, name, reference).is(201);
            engine.delete("/containers/" + name + "?v=1").is(204);
            engine.delete("/images/" + reference).is(200);
        }
    }

    /** {@code POST /networks/create}. */
    record NetworkCreate(String name) implements Attempt {
        @Override
        public int span() {
            return 60;
        }

        @Override
        public Answer send(Engine engine) {
            return engine.post("/networks/create", "{\"Name\":\"" + name + "\"}");
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            Answer found = engine.get("/networks/" + name);
            if (answered) {
                found.is(200);
            } else if (found.status() == 404) {
                // The name must be free.
                send(engine).is(201);
            }
            engine.delete("/networks/" + name).is(204);
        }
    }

    /** {@code POST /networks/{id}/connect} or {@code disconnect}, of a container that runs. */
    record Membership(String verb, String name) implements Attempt {
        @Override
        public int span() {
            return 150;
        }

        @Override
        public void prepare(Engine engine) {
            new NetworkCreate(name).send(engine).is(201);
            createAndStart(engine, name);
            if (verb.equals("disconnect")) {
                change(engine, "connect").is(200);
            }
        }

        @Override
        public Answer send(Engine engine) {
            return change(engine, verb);
        }

        @Override
        public void verify(Engine engine, boolean answered) {
            boolean wanted = verb.equals("connect");
            Docker.await("the change is finished", () -> isShown(engine) == hasInterface(engine));
            assertTrue(!answered || isShown(engine) == wanted, () -> verb + " was answered");
            Answer again = send(engine);
            assertEquals(isRepeated(again) ? again.status() : 200, again.status(), again::body);
            assertEquals(wanted, isShown(engine));
            assertEquals(wanted, hasInterface(engine));
            engine.delete("/containers/" + name + "?force=1&v=1").is(204);
            engine.delete("/networks/" + name).is(204);
        }

        private Answer change(Engine engine, String what) {
            return engine.post("/networks/" + name + "/" + what, "{\"Container\":\"" + name + "\"}");
        }

        private static boolean isRepeated(Answer answer) {
            return answer.body().contains("already exists in network")
                    || answer.body().contains("is not connected to network");
        }

        private boolean isShown(Engine engine) {
            return engine.get("/containers/" + name + "/json")
                    .is(200)
                    .json()
                    .at("/NetworkSettings/Networks")
                    .has(name);
        }

        private boolean hasInterface(Engine engine) {
            int pid = state(engine, name).get("Pid").asInt();
            try {
                return Files.readString(Path.of("/proc/" + pid + "/net/dev")).contains("eth1:");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
