package dev.gantry.agent.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.tar.testing.TarArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, for mounts. */
class SnapshotsIT {
    private static final String ID = "c".repeat(64);
    private static final List<String> DOCKERS_OWN = List.of(".dockerenv", "dev", "etc", "proc", "sys");

    @TempDir
    Path temporary;

    LayerFixture fixture = new LayerFixture();
    Path root;
    Snapshots snapshots;
    long mountsBefore;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        root = temporary
                .resolve("a directory with a long name, a comma: and a colon")
                .resolve("snapshots");
        snapshots = new Snapshots(root, fixture);
        mountsBefore = mounts();
    }

    @AfterEach
    void leave_no_mounts() throws IOException {
        if (snapshots != null) {
            snapshots.reconcile(Set.of());
            snapshots.awaitRemovals();
            snapshots.close();
            assertEquals(mountsBefore, mounts());
        }
    }

    @Test
    void layers_are_stacked_whatever_their_compression() throws IOException {
        fixture.add(new TarArchive()
                        .add(TarArchive.file("a"), "1")
                        .add(TarArchive.file("gone"), "x")
                        .add(TarArchive.file("d/hidden"), "h"))
                .addGzip(new TarArchive()
                        .add(TarArchive.file(".wh.gone"))
                        .add(TarArchive.file("d/.wh..wh..opq"))
                        .add(TarArchive.file("d/new"), "n"))
                .addZstd(new TarArchive().add(TarArchive.file("a"), "3"));

        Path rootfs = snapshots.mount(ID, fixture.layers());

        assertEquals("3", Files.readString(rootfs.resolve("a")));
        assertFalse(Files.exists(rootfs.resolve("gone")));
        assertEquals(List.of("new"), names(rootfs.resolve("d")));
        assertEquals(mountsBefore + 1, mounts());
        assertEquals(rootfs, snapshots.mount(ID, fixture.layers()));
        assertEquals(mountsBefore + 1, mounts());
    }

    @Test
    void what_a_container_wrote_is_there_after_a_remount_and_gone_after_remove() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "12345"));
        Path rootfs = snapshots.mount(ID, fixture.layers());
        Files.writeString(rootfs.resolve("b"), "1234567");
        assertEquals(7, snapshots.size(ID, fixture.layers()).sizeRw());
        assertEquals(12, snapshots.size(ID, fixture.layers()).sizeRootFs());

        snapshots.unmount(ID);
        snapshots.unmount(ID);
        assertFalse(Files.exists(rootfs.resolve("a")));
        snapshots.mount(ID, fixture.layers());
        assertEquals("1234567", Files.readString(rootfs.resolve("b")));

        snapshots.remove(ID);
        snapshots.remove(ID);
        assertFalse(Files.exists(rootfs));
        snapshots.awaitRemovals();
        assertEquals(List.of(), names(root.resolve("staging")));
    }

    @Test
    void image_of_120_layers_is_mounted() throws IOException {
        for (int i = 0; i < 120; i++) {
            fixture.add(new TarArchive().add(TarArchive.file("layer-" + i), Integer.toString(i)));
        }

        Path rootfs = snapshots.mount(ID, fixture.layers());

        assertEquals(
                120,
                names(rootfs).stream()
                        .filter(name -> !DOCKERS_OWN.contains(name))
                        .count());
    }

    @Test
    void image_without_layers_has_only_dockers_own_files() throws IOException {
        Path rootfs = snapshots.mount(ID, List.of());

        assertEquals(DOCKERS_OWN, names(rootfs));
        assertEquals(List.of("hostname", "hosts", "mtab", "resolv.conf"), names(rootfs.resolve("etc")));
        assertEquals(List.of("console", "pts", "shm"), names(rootfs.resolve("dev")));
        assertEquals(0, snapshots.size(ID, List.of()).sizeRw());
    }

    @Test
    void an_etc_that_leads_nowhere_is_left_alone() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.symbolicLink("etc", "/gone/away")));

        Path rootfs = snapshots.mount(ID, fixture.layers());

        assertEquals(DOCKERS_OWN, names(rootfs));
        assertEquals(Path.of("/gone/away"), Files.readSymbolicLink(rootfs.resolve("etc")));
    }

    @Test
    void the_images_own_etc_is_kept() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.directory("etc")).add(TarArchive.file("etc/hosts"), "image's"));

        Path rootfs = snapshots.mount(ID, fixture.layers());

        assertEquals("image's", Files.readString(rootfs.resolve("etc/hosts")));
    }

    @Test
    void concurrent_preparations_fetch_once() throws InterruptedException, ExecutionException {
        fixture.add(new TarArchive().add(TarArchive.file("big"), new byte[20_000_000]))
                .addGzip(new TarArchive().add(TarArchive.file("a"), "1"));
        List<Future<?>> calls = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                calls.add(threads.submit(() -> snapshots.prepare(fixture.layers())));
            }
        }

        for (Future<?> call : calls) {
            call.get();
        }
        assertEquals(2, fixture.fetched.get());
    }

    @Test
    void content_that_is_not_what_was_announced_is_refused_and_undone() {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"))
                .addGzip(new TarArchive().add(TarArchive.file("b"), "2"));
        ContainerSpec.Layer layer = fixture.layers().get(1);
        byte[] good = fixture.blobs.get(layer.digest());

        for (byte[] bad : List.of(
                LayerFixture.gzip(
                        new TarArchive().add(TarArchive.file("evil"), "2").end()),
                Arrays.copyOf(good, good.length - 5),
                Arrays.copyOf(good, good.length + 5),
                new byte[0],
                "not a layer at all, but long enough to be looked at".repeat(50).getBytes(UTF_8))) {
            fixture.blobs.put(layer.digest(), bad);
            assertThrows(AgentFailure.class, () -> snapshots.prepare(fixture.layers()));
            assertNothingRemains();
        }
        fixture.blobs.remove(layer.digest());
        assertThrows(AgentFailure.class, () -> snapshots.prepare(fixture.layers()));
        assertNothingRemains();
    }

    @Test
    void layer_of_another_diff_id_or_chain_is_refused() {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        ContainerSpec.Layer good = fixture.layers().getFirst();
        String other = "sha256:" + "0".repeat(64);

        AgentFailure wrongChain = assertThrows(
                AgentFailure.class,
                () -> snapshots.prepare(List.of(new ContainerSpec.Layer(
                        good.diffId(), other, good.digest(), good.mediaType(), good.size(), good.source()))));
        assertEquals(AgentFailure.Code.BAD_REQUEST, wrongChain.code());
        assertThrows(
                AgentFailure.class,
                () -> snapshots.prepare(List.of(new ContainerSpec.Layer(
                        other, other, good.digest(), good.mediaType(), good.size(), good.source()))));
        assertNothingRemains();
    }

    @Test
    void failure_leaves_layers_that_others_rely_on() {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        snapshots.prepare(fixture.layers());
        fixture.add(new TarArchive().add(TarArchive.file("b"), "2"));
        fixture.blobs.remove(fixture.layers().get(1).digest());

        assertThrows(AgentFailure.class, () -> snapshots.prepare(fixture.layers()));

        assertTrue(Files.exists(layer(0)));
    }

    @Test
    void layer_is_deleted_only_when_nothing_stands_on_it() {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"))
                .add(new TarArchive().add(TarArchive.file("b"), "2"));
        String bottom = fixture.layers().get(0).chainId();
        String top = fixture.layers().get(1).chainId();
        snapshots.create(ID, fixture.layers());

        assertConflict(bottom);
        assertConflict(top);
        snapshots.remove(ID);
        assertConflict(bottom);
        snapshots.delete(top);
        snapshots.delete(bottom);
        snapshots.delete(bottom);

        assertNothingRemains();
        assertThrows(AgentFailure.class, () -> snapshots.delete("../../etc"));
    }

    @Test
    void state_survives_a_restart_and_leftovers_do_not() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        Path rootfs = snapshots.mount(ID, fixture.layers());
        Files.createDirectories(root.resolve("staging/cut/fs/deep"));

        Snapshots again = new Snapshots(root, fixture);

        again.awaitRemovals();
        assertEquals(List.of(), names(root.resolve("staging")));
        assertEquals("1", Files.readString(rootfs.resolve("a")));
        assertEquals(
                AgentFailure.Code.CONFLICT,
                conflict(again, fixture.layers().getFirst().chainId()).code());
        again.mount(ID, fixture.layers());
        assertEquals(1, fixture.fetched.get());
        assertEquals(mountsBefore + 1, mounts());
        again.reconcile(Set.of());
        assertEquals(mountsBefore, mounts());
        again.awaitRemovals();
        again.close();
    }

    @Test
    void layer_that_was_not_on_the_disk_when_the_machine_went_down_is_fetched_again() throws Exception {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        snapshots.prepare(fixture.layers());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Files.exists(layer(0).resolve("unsynced"))) {
            assertTrue(System.nanoTime() < deadline, "the layer is not on the disk yet");
            // Or it would be taken away later, when the first one has written the layer to the disk.
            Thread.sleep(5);
        }
        Files.writeString(layer(0).resolve("unsynced"), "another boot");

        Snapshots again = new Snapshots(root, fixture);

        assertFalse(Files.exists(layer(0)));
        again.prepare(fixture.layers());
        assertEquals(2, fixture.fetched.get());
        again.close();
    }

    @Test
    void full_disk_is_told_and_undone() throws IOException {
        Path small = Files.createDirectory(temporary.resolve("small"));
        Mounts.mount("tmpfs", ByteStrings.of(small), "tmpfs", 0, "size=2m");
        try {
            fixture.add(new TarArchive().add(TarArchive.file("a"), "1"))
                    .addGzip(new TarArchive().add(TarArchive.file("big"), new byte[4_000_000]));
            Snapshots full = new Snapshots(small.resolve("s"), fixture);

            AgentFailure failure = assertThrows(AgentFailure.class, () -> full.prepare(fixture.layers()));

            assertEquals(AgentFailure.Code.NO_SPACE, failure.code());
            full.awaitRemovals();
            assertEquals(List.of("containers", "empty", "l", "staging"), names(small.resolve("s")));
            assertEquals(List.of(), names(small.resolve("s/staging")));
            full.close();
        } finally {
            Mounts.detach(ByteStrings.of(small));
        }
    }

    @Test
    void small_layer_that_unpacks_into_all_of_the_disk_is_stopped_before() throws IOException {
        Path small = Files.createDirectory(temporary.resolve("small"));
        Mounts.mount("tmpfs", ByteStrings.of(small), "tmpfs", 0, "size=100m");
        try {
            fixture.addZstd(new TarArchive().add(TarArchive.file("bomb"), new byte[80_000_000]));
            Snapshots bounded = new Snapshots(small.resolve("s"), fixture);

            AgentFailure failure = assertThrows(AgentFailure.class, () -> bounded.prepare(fixture.layers()));

            assertEquals(AgentFailure.Code.NO_SPACE, failure.code());
            bounded.awaitRemovals();
            bounded.close();
        } finally {
            Mounts.detach(ByteStrings.of(small));
        }
    }

    @Test
    void deep_tree_is_removed() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        Path rootfs = snapshots.mount(ID, fixture.layers());
        Path deep = rootfs;
        for (int i = 0; i < 500; i++) {
            deep = deep.resolve("d");
        }
        Files.createDirectories(deep);

        snapshots.remove(ID);

        snapshots.awaitRemovals();
        assertEquals(List.of(), names(root.resolve("staging")));
    }

    private void assertConflict(String chainId) {
        assertEquals(AgentFailure.Code.CONFLICT, conflict(snapshots, chainId).code());
    }

    private static AgentFailure conflict(Snapshots of, String chainId) {
        return assertThrows(AgentFailure.class, () -> of.delete(chainId));
    }

    private void assertNothingRemains() {
        snapshots.awaitRemovals();
        assertEquals(List.of("containers", "empty", "l", "staging"), names(root));
        assertEquals(List.of(), names(root.resolve("staging")));
        assertEquals(List.of(), names(root.resolve("l")));
    }

    private Path layer(int index) {
        return root.resolve(fixture.layers().get(index).chainId().substring("sha256:".length()));
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ours: others on the machine come and go. */
    private long mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.contains(temporary.toString()))
                .count();
    }

    @Test
    void whoever_looks_keeps_what_was_unmounted_meanwhile() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        Path rootfs = snapshots.mount(ID, fixture.layers());
        Snapshots.Lease first = snapshots.lease(ID, fixture.layers());
        Snapshots.Lease second = snapshots.lease(ID, fixture.layers());

        snapshots.unmount(ID);
        first.close();
        assertEquals("1", Files.readString(rootfs.resolve("a")));

        second.close();
        assertFalse(Files.exists(rootfs.resolve("a")));
    }

    @Test
    void a_mount_for_a_look_becomes_that_of_a_container() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        Snapshots.Lease lease = snapshots.lease(ID, fixture.layers());
        Path rootfs = snapshots.mount(ID, fixture.layers());
        assertEquals(mountsBefore + 1, mounts());

        lease.close();
        assertEquals("1", Files.readString(rootfs.resolve("a")));

        snapshots.unmount(ID);
        assertEquals(mountsBefore, mounts());
    }

    @Test
    void what_is_removed_is_gone_whoever_looks() throws IOException {
        fixture.add(new TarArchive().add(TarArchive.file("a"), "1"));
        Snapshots.Lease lease = snapshots.lease(ID, fixture.layers());

        snapshots.remove(ID);
        assertEquals(mountsBefore, mounts());
        lease.close();
    }
}
