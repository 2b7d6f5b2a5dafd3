package dev.gantry.image.pull;

import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.store.LayerBlob;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The downloads under way, so that pulls of the same layer share one. A download goes on while anybody waits for it and
 * is cancelled when the last one leaves.
 */
@ApplicationScoped
class LayerDownloads {
    private final Map<String, Job> jobs = new HashMap<>();

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
                abandoned = job.running;
                job.abandoned = true;
            }
        }
        if (abandoned != null) {
            abandoned.cancel();
        }
    }

    private final class Job {
        private final String name;
        private final Map<UniEmitter<? super LayerBlob>, Consumer<ProgressLine>> waiting = new LinkedHashMap<>();
        private ProgressLine last;
        private boolean started;
        private boolean abandoned;
        private Cancellable running;

        private Job(String name) {
            this.name = name;
        }

        private void ensureStarted(Function<Consumer<ProgressLine>, Uni<LayerBlob>> start) {
            synchronized (LayerDownloads.this) {
                if (started) {
                    return;
                }
                started = true;
            }
            Cancellable work = start.apply(this::report)
                    .subscribe()
                    .with(
                            blob -> finish().keySet().forEach(emitter -> emitter.complete(blob)),
                            failure -> finish().keySet().forEach(emitter -> emitter.fail(failure)));
            boolean late;
            synchronized (LayerDownloads.this) {
                running = work;
                late = abandoned;
            }
            if (late) {
                work.cancel();
            }
        }

        private Map<UniEmitter<? super LayerBlob>, Consumer<ProgressLine>> finish() {
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
