package dev.gantry.agent;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.agent.container.AdoptContainers;
import dev.gantry.agent.exec.Execs;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.peer.PeerSettings;
import dev.gantry.agent.peer.ServiceListener;
import dev.gantry.agent.registration.Registration;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.report.ReportSender;
import dev.gantry.agent.runtime.Leftovers;
import dev.gantry.agent.runtime.Runtimes;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.DomainSocketServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** What happens when the agent starts, before its socket opens: containers are adopted, then the services are told. */
@ApplicationScoped
public class AgentStart {
    private static final Logger LOG = Logger.getLogger(AgentStart.class);

    private final AgentFiles files;
    private final Runtimes runtimes;
    private final AdoptContainers adopt;
    private final Execs execs;
    private final ReportJournal journal;
    private final ReportSender reports;
    private final Registration registration;
    private final Leftovers leftovers;
    private final Optional<Path> socket;
    private final PeerSettings peers;
    private final ServiceListener services;

    /** Held as long as this process lives. */
    private FileChannel lock;

    AgentStart(
            AgentFiles files,
            Runtimes runtimes,
            AdoptContainers adopt,
            Execs execs,
            ReportJournal journal,
            ReportSender reports,
            Registration registration,
            Leftovers leftovers,
            @ConfigProperty(name = "quarkus.http.domain-socket") Optional<Path> socket,
            PeerSettings peers,
            ServiceListener services) {
        this.files = files;
        this.runtimes = runtimes;
        this.adopt = adopt;
        this.execs = execs;
        this.journal = journal;
        this.reports = reports;
        this.registration = registration;
        this.leftovers = leftovers;
        this.socket = socket;
        this.peers = peers;
        this.services = services;
    }

    void start(@Observes StartupEvent event) throws IOException {
        peers.requireSafe();
        takeLock();
        if (socket.isPresent()) {
            Files.deleteIfExists(socket.get());
        }
        // It waits for other programs, and the names of containers that run need not wait for it.
        CompletableFuture<Void> found = CompletableFuture.runAsync(
                () -> LOG.infof(
                        "OCI runtimes, the default first: %s", runtimes.all().values()),
                work -> Thread.ofPlatform().name("runtimes").start(work));
        CompletableFuture<Void> ended = adopt.adopt();
        found.join();
        execs.adopt();
        ended.thenRun(journal::foundEverything);
        reports.start();
        services.start();
        registration.start();
    }

    void listens(@ObservesAsync DomainSocketServerStart event) throws IOException {
        OwnerOnly.file(Path.of(event.options().getHost()));
    }

    void stop(@Observes ShutdownEvent event) {
        leftovers.removeEmptyCgroups();
    }

    private void takeLock() throws IOException {
        Path file = files.data().resolve("lock");
        lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            throw new IllegalStateException("another agent works in " + files.data());
        }
    }
}
