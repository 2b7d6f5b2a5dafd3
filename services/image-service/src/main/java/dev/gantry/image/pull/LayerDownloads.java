package dev.gantry.image.pull;

import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.store.LayerBlob;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The downloads under way, so that pulls of the same layer share one. A download goes on while anybody waits for it and
 * is cancelled when the last one leaves. Of {@code gantry.registries.max-concurrent-downloads} any further ones wait.
 */
@ApplicationScoped
class LayerDownloads {
    private final Map<String, Job> jobs = new HashMap<>();
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private final int most;
    private int running;

    /** @param most at once; 0 for any number */
    LayerDownloads(@ConfigProperty(name = "gantry.registries.max-concurrent-downloads") int most) {
        this.most = most;
    }

    /**
     * Waits for the download of that name, started by the first to ask for it.
     *
     * @param start makes the download; it reports to the consumer that it is given
     */
    Uni<LayerBlob> join(
            String name, Consumer<ProgressLine> progress, Function<Consumer<ProgressLine>, Uni<LayerBlob>> start) {
        return Uni.createFrom().emitter(emitter -> {
            Job job = enter(name, emitter, progress);
            emitter.onTermination(() -> leave(name, job, emitter));
            job.ensureStarted(start);
        });
    }

    private synchronized Job enter(
            String name, UniEmitter<? super LayerBlob> emitter, Consumer<ProgressLine> progress) {
        Job job = jobs.computeIfAbsent(name, Job::new);
        job.waiting.put(emitter, progress);
        if (job.last != null) {
            progress.accept(job.last);
        }
        return job;
    }

    private void leave(String name, Job job, UniEmitter<? super LayerBlob> emitter) {
        Cancellable abandoned = null;
        synchronized (this) {
            if (job.waiting.remove(emitter) != null && job.waiting.isEmpty()) {
                jobs.remove(name, job);
                abandoned = job.work;
                job.abandoned = true;
            }
        }
        if (abandoned != null) {
            abandoned.cancel();
            job.giveTurn();
        }
    }

    private final class Job {
        private final String name;
        private final Map<UniEmitter<? super LayerBlob>, Consumer<ProgressLine>> waiting = new LinkedHashMap<>();
        private ProgressLine last;
        private boolean started;
        private boolean abandoned;
        private boolean hasTurn;
        private Cancellable work;

        private Job(String name) {
            this.name = name;
        }

        private void ensureStarted(Function<Consumer<ProgressLine>, Uni<LayerBlob>> start) {
            synchronized (LayerDownloads.this) {
                if (started) {
                    return;
                }
                started = true;
                if (most > 0 && running >= most) {
                    queue.add(() -> begin(start));
                    return;
                }
                running++;
            }
            begin(start);
        }

        /** In its turn, which is given to the next one once it is over. */
        private void begin(Function<Consumer<ProgressLine>, Uni<LayerBlob>> start) {
            boolean nobodyWaits;
            synchronized (LayerDownloads.this) {
                hasTurn = true;
                nobodyWaits = abandoned;
            }
            if (nobodyWaits) {
                giveTurn();
                return;
            }
            Cancellable begun = start.apply(this::report)
                    .subscribe()
                    .with(
                            blob -> finish().keySet().forEach(emitter -> emitter.complete(blob)),
                            failure -> finish().keySet().forEach(emitter -> emitter.fail(failure)));
            boolean late;
            synchronized (LayerDownloads.this) {
                work = begun;
                late = abandoned;
            }
            if (late) {
                begun.cancel();
                giveTurn();
            }
        }

        private void giveTurn() {
            Runnable next;
            synchronized (LayerDownloads.this) {
                if (!hasTurn) {
                    return;
                }
                hasTurn = false;
                next = queue.poll();
                if (next == null) {
                    running--;
                }
            }
            if (next != null) {
                next.run();
            }
        }

        private Map<UniEmitter<? super LayerBlob>, Consumer<ProgressLine>> finish() {
            giveTurn();
            synchronized (LayerDownloads.this) {
                jobs.remove(name, this);
                Map<UniEmitter<? super LayerBlob>, Consumer<ProgressLine>> all = new LinkedHashMap<>(waiting);
                waiting.clear();
                return all;
            }
        }

        private void report(ProgressLine line) {
            Map<UniEmitter<? super LayerBlob>, Consumer<ProgressLine>> all;
            synchronized (LayerDownloads.this) {
                last = line;
                all = new LinkedHashMap<>(waiting);
            }
            all.values().forEach(consumer -> consumer.accept(line));
        }
    }
}
