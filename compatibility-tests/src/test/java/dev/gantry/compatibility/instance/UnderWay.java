package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.docker.TlsDocker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Clients that run, execute, follow logs and create all the time while something is done to the control plane. What was
 * answered must hold; the rest may fail, but only since nobody was there.
 */
final class UnderWay implements AutoCloseable {
    /** What {@code docker} says of connections that are refused or end, and of answers with status 503. */
    private static final Pattern NOBODY_THERE = Pattern.compile(
            "Cannot connect to the Docker daemon|error during connect|unexpected EOF|received 503|connection reset|broken pipe"
                    + "|cannot be reached|no host is reachable|was away while");

    /**
     * An exec's client asks for the exit code when the stream has ended, and has no words when nobody is there then. Why
     * a start was once answered with 404 is not known.
     */
    private static final Pattern NOT_TOLD = Pattern.compile("\\s*|unable to upgrade to tcp, received 404\\s*");

    private static final String TALKING = "talking";

    private final TlsDocker docker;
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> loops = new ArrayList<>();
    private final Map<String, Integer> succeeded = new ConcurrentHashMap<>();
    private final Set<String> made = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    UnderWay(TlsDocker docker) {
        this.docker = docker;
        docker.ok("run", "-d", "--name", TALKING, Images.BUSYBOX, "sh", "-c", KillMatrix.COUNTING);
        loop("run", number -> echo("run", "--rm", Images.BUSYBOX, "echo", "hi" + number));
        loop("exec", number -> echo("exec", TALKING, "echo", "hi" + number));
        loop("logs", number -> {
            Result followed = docker.call("logs", "-f", "--tail=1", TALKING);
            assertTrue(over || followed.exitCode() != 0, () -> "it ended as if all of it were there: " + followed);
            return followed;
        });
        loop("create", number -> docker.call("create", "--name", "made" + number, Images.BUSYBOX, "true"));
    }

    private void loop(String name, IntFunction<Result> client) {
        loops.add(clients.submit(() -> {
            for (int number = 0; !over; number++) {
                Result result = client.apply(number);
                if (result.exitCode() == 0) {
                    succeeded.merge(name, 1, Integer::sum);
                    if (name.equals("create")) {
                        made.add("made" + number);
                    }
                } else {
                    // At the end the container goes that commands are under way in.
                    assertTrue(
                            over
                                    || NOBODY_THERE.matcher(result.err()).find()
                                    || name.equals("exec")
                                            && NOT_TOLD.matcher(result.err()).matches(),
                            result::toString);
                }
                Docker.pause(200);
            }
        }));
    }

    /** A command whose last argument is what it prints when it succeeds. */
    private Result echo(String... arguments) {
        Result result = docker.call(arguments);
        if (result.exitCode() == 0) {
            assertEquals(arguments[arguments.length - 1], result.out().strip(), result::toString);
        }
        return result;
    }

    /** Waits until commands of each kind that end by themselves have succeeded once more. */
    void awaitAnswers() {
        Map<String, Integer> before = Map.copyOf(succeeded);
        Docker.await("clients are answered", () -> Stream.of("run", "exec", "create")
                .allMatch(kind -> succeeded.getOrDefault(kind, 0) > before.getOrDefault(kind, 0)));
    }

    /**
     * Ends the clients, and takes away what they made, which must all be there; also what is there without that anybody was
     * told so.
     *
     * @param kept a container of somebody else
     */
    void finish(String kept) throws Exception {
        over = true;
        docker.ok("rm", "-f", TALKING);
        for (Future<?> loop : loops) {
            loop.get();
        }
        for (String name : made) {
            docker.ok("rm", name);
        }
        for (String name :
                docker.ok("ps", "-a", "--format", "{{.Names}}").lines().toList()) {
            if (!name.equals(kept)) {
                docker.call("rm", "-f", name);
            }
        }
    }

    @Override
    public void close() {
        over = true;
        clients.shutdownNow();
    }
}
