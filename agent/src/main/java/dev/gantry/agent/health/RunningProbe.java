package dev.gantry.agent.health;

import dev.gantry.agent.api.ContainerSpec.HealthSpec;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.linux.Spawn;
import dev.gantry.agent.runtime.RuntimeErrors;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The program of one check, from its start to its end. Blocks in C: for platform threads. */
final class RunningProbe {
    /** For the runtime to start the program, which is not of the check's own time; as dockerd. */
    private static final long START_LIMIT = Duration.ofSeconds(30).toNanos();

    /** In which what the program left behind may still write; as dockerd. */
    private static final long LAST_WORDS = Duration.ofSeconds(2).toNanos();

    private static final int STARTING_MILLIS = 5;
    private static final int RUNNING_MILLIS = 100;
    private static final int READ = 8192;

    /** In bytes. What comes after it is read so slowly that it costs the host next to nothing. */
    private static final long FLOOD = 1 << 20;

    private static final int KILLED_EXIT = 137;

    private final Spawn.Child runtime;
    private final HealthSpec spec;
    private final Pid pid;
    private final Runnable onStart;
    private final ProbeOutput output = new ProbeOutput();
    private long read;
    private boolean started;
    private boolean killed;
    private boolean open = true;
    private OptionalInt exit = OptionalInt.empty();
    /** By {@link System#nanoTime}: the end of patience with what is being waited for. */
    private long limit = System.nanoTime() + START_LIMIT;

    /** The program's, 0 before it was started. */
    interface Pid {
        int get() throws IOException;
    }

    interface Kill {
        void kill(int pid) throws IOException;
    }

    /** @param onStart called once the program runs */
    RunningProbe(Spawn.Child runtime, HealthSpec spec, Pid pid, Runnable onStart) {
        this.runtime = runtime;
        this.spec = spec;
        this.pid = pid;
        this.onStart = onStart;
    }

    Probe.Outcome await(BooleanSupplier cancelled, Kill kill) throws IOException, InterruptedException {
        while (open) {
            boolean late = System.nanoTime() - limit > 0;
            if (late && (killed || exit.isPresent())) {
                break;
            }
            if (!killed && exit.isEmpty() && (late || cancelled.getAsBoolean())) {
                killed = true;
                limit = System.nanoTime() + LAST_WORDS;
                kill.kill(pid.get());
            }
            look();
        }
        return outcome(end());
    }

    private void look() throws IOException, InterruptedException {
        if (runtime.awaitReadable(started ? RUNNING_MILLIS : STARTING_MILLIS)) {
            byte[] next = runtime.read(READ);
            open = next.length > 0;
            output.add(next);
            read += next.length;
            if (read > FLOOD) {
                Thread.sleep(1);
            }
        }
        if (exit.isEmpty()) {
            exit = runtime.exitCode();
            if (exit.isPresent()) {
                limit = System.nanoTime() + LAST_WORDS;
            }
        }
        if (!started && pid.get() > 0) {
            started = true;
            onStart.run();
            if (exit.isEmpty() && !killed) {
                limit = System.nanoTime() + spec.timeout();
            }
        }
    }

    private int end() throws IOException {
        if (exit.isPresent()) {
            return exit.getAsInt();
        }
        if (killed) {
            // A frozen program ends only when it is thawed.
            Signals.send(runtime.pid(), Signals.startTime(runtime.pid()), Signals.SIGKILL);
        }
        return runtime.waitFor();
    }

    private Probe.Outcome outcome(int exitCode) throws IOException {
        if (killed && !started) {
            return Probe.Outcome.failed("timed out starting health check");
        }
        if (killed) {
            String late = "Health check exceeded timeout (" + text(spec.timeout()) + ")";
            return new Probe.Outcome(
                    KILLED_EXIT, Probe.Outcome.NONE, output.isEmpty() ? late : late + ": " + output.text());
        }
        if (!started) {
            return Probe.Outcome.failed(
                    RuntimeErrors.ofExec(output.text(), spec.command().getFirst())
                            .getMessage());
        }
        return new Probe.Outcome(exitCode, exitCode, output.text());
    }

    /** As Go writes a duration: {@code 1.5s}, {@code 1m0s}. */
    static String text(long nanoseconds) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoseconds);
        if (seconds == 0) {
            return decimal(nanoseconds, 6) + "ms";
        }
        long minutes = seconds / 60;
        String rest = decimal(nanoseconds - TimeUnit.MINUTES.toNanos(minutes), 9) + "s";
        if (minutes == 0) {
            return rest;
        }
        return (minutes < 60 ? minutes + "m" : minutes / 60 + "h" + minutes % 60 + "m") + rest;
    }

    private static String decimal(long value, int places) {
        return BigDecimal.valueOf(value, places).stripTrailingZeros().toPlainString();
    }
}
