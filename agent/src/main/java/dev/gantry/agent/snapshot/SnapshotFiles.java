package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Where snapshots lie on the disk:
 *
 * <pre>
 * &lt;chain id&gt;/fs            an unpacked layer
 * &lt;chain id&gt;/layer         what it stands on and how large it is: {@link LayerRecord}
 * &lt;chain id&gt;/unsynced      boot id, until the layer is known to be on the disk
 * l/&lt;16 digits&gt;           link to an unpacked layer, short so that many fit into a mount's options
 * containers/&lt;id&gt;/layers   chain ids, bottom first
 * containers/&lt;id&gt;/upper, work, merged
 * empty                    lower directory of an image without layers
 * staging/…                made or removed right now; emptied at start
 * </pre>
 */
record SnapshotFiles(Path root) {
    private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final int LINK_LENGTH = 16;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> ROOT = PosixFilePermissions.fromString("rwxr-xr-x");

    /** Nobody but root may pass: images hold set-user-id programs and device nodes. */
    void makeDirectories() throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, OWNER_ONLY);
        for (String name : new String[] {"l", "containers", "staging"}) {
            Files.createDirectories(root.resolve(name));
        }
        makeRoot(root.resolve("empty"));
    }

    /** A directory that will be the root of a container, whatever the umask: mode 0755. */
    static Path makeRoot(Path directory) throws IOException {
        Files.createDirectories(directory);
        return Files.setPosixFilePermissions(directory, ROOT);
    }

    Path layer(LayerId chainId) {
        return root.resolve(chainId.hex());
    }

    static Path content(Path layer) {
        return layer.resolve("fs");
    }

    static Path record(Path layer) {
        return layer.resolve("layer");
    }

    static Path unsynced(Path layer) {
        return layer.resolve("unsynced");
    }

    Path links() {
        return root.resolve("l");
    }

    Path link(LayerId chainId) {
        return links().resolve(linkName(chainId));
    }

    static String linkName(LayerId chainId) {
        return chainId.hex().substring(0, LINK_LENGTH);
    }

    Path containers() {
        return root.resolve("containers");
    }

    /** @throws AgentFailure {@code BAD_REQUEST} when the id is no file name */
    Path container(String id) {
        if (!CONTAINER_ID.matcher(id).matches()) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid container id: " + id);
        }
        return containers().resolve(id);
    }

    static Path layers(Path container) {
        return container.resolve("layers");
    }

    static Path upper(Path container) {
        return container.resolve("upper");
    }

    static Path work(Path container) {
        return container.resolve("work");
    }

    static Path merged(Path container) {
        return container.resolve("merged");
    }

    Path staging() {
        return root.resolve("staging");
    }

    Path newStaging() {
        return staging().resolve(UUID.randomUUID().toString());
    }
}
