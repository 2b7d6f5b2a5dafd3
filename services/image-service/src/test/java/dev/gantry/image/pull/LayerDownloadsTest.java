package dev.gantry.image.pull;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.image.progress.ProgressLine;
import dev.gantry.image.store.LayerBlob;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LayerDownloadsTest {
    private static final Consumer<ProgressLine> NOBODY = line -> {};

    private final Map<String, UniEmitter<? super LayerBlob>> underWay = new LinkedHashMap<>();
    private final List<String> ended = new ArrayList<>();

    private Cancellable download(LayerDownloads downloads, String name) {
        return downloads
                .join(name, NOBODY, report -> Uni.createFrom().<LayerBlob>emitter(emitter -> {
                    underWay.put(name, emitter);
                    emitter.onTermination(() -> underWay.remove(name));
                }))
                .subscribe()
                .with(blob -> ended.add(name), failure -> ended.add(name + " failed"));
    }

    private List<String> now() {
        return List.copyOf(underWay.keySet());
    }

    @Test
    void no_more_than_the_limit_are_under_way() {
        LayerDownloads downloads = new LayerDownloads(2);
        for (String name : List.of("a", "b", "c", "d")) {
            download(downloads, name);
        }
        assertEquals(List.of("a", "b"), now());

        underWay.get("a").complete(null);
        assertEquals(List.of("b", "c"), now());
        underWay.get("c").fail(new IllegalStateException("broken"));
        assertEquals(List.of("b", "d"), now());
        underWay.get("b").complete(null);
        underWay.get("d").complete(null);

        assertEquals(List.of("a", "c failed", "b", "d"), ended);
        download(downloads, "e");
        download(downloads, "f");
        download(downloads, "g");
        assertEquals(List.of("e", "f"), now());
    }

    @Test
    void one_that_nobody_waits_for_gives_its_turn_to_the_next() {
        LayerDownloads downloads = new LayerDownloads(1);
        Cancellable first = download(downloads, "a");
        Cancellable second = download(downloads, "b");
        download(downloads, "c");

        second.cancel();
        assertEquals(List.of("a"), now());
        first.cancel();
        assertEquals(List.of("c"), now());
        underWay.get("c").complete(null);
        download(downloads, "d");
        assertEquals(List.of("d"), now());
    }

    @Test
    void without_a_limit_all_are_under_way() {
        LayerDownloads downloads = new LayerDownloads(0);
        for (String name : List.of("a", "b", "c", "d", "e")) {
            download(downloads, name);
        }

        assertEquals(5, now().size());
    }
}
