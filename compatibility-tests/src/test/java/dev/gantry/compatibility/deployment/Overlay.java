package dev.gantry.compatibility.deployment;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The ways that the manifests are meant to be installed. */
enum Overlay {
    SMALL,
    PRODUCTION;

    private static final Map<Overlay, Manifests> RENDERED = new EnumMap<>(Overlay.class);

    Path directory() {
        return Project.file("k8s/overlays/" + name().toLowerCase(Locale.ROOT));
    }

    /** Skips the test where nothing can render it. */
    Manifests manifests() {
        synchronized (RENDERED) {
            return RENDERED.computeIfAbsent(this, it -> Manifests.parse(Kubectl.render(it.directory())));
        }
    }
}
