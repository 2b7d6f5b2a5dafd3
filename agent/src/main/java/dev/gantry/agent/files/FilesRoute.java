package dev.gantry.agent.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations.PathStat;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.Unexpected;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.api.stream.BlockingAnswer;
import dev.gantry.agent.api.stream.BlockingBody;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.HostThreads;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.log.FailureAnswer;
import dev.gantry.agent.runtime.UserLookup;
import dev.gantry.agent.snapshot.TarMembers;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * {@code /v1/containers/{id}/path} and {@code /archive}: {@code docker cp}. Routes rather than resources, for streams that
 * wait for whoever reads or writes them.
 */
@ApplicationScoped
public class FilesRoute {
    private static final Logger LOG = Logger.getLogger(FilesRoute.class);
    /** Each has a megabyte or two under way, and the agent's heap has 64. */
    private static final Semaphore ROOM = new Semaphore(24);

    private static final int PATIENCE_SECONDS = 60;

    private static final String CONTAINER = AgentProtocol.PREFIX + "/containers/:id/";

    private final ContainerViews views;
    private final AgentFiles files;
    private final ObjectMapper json;

    public FilesRoute(ContainerViews views, AgentFiles files, ObjectMapper json) {
        this.views = views;
        this.files = files;
        this.json = json;
    }

    public void register(@Observes Router router) {
        router.get(CONTAINER + "path").handler(routing -> serve(routing, () -> stat(routing)));
        router.get(CONTAINER + "archive").handler(routing -> serve(routing, () -> read(routing)));
        router.put(CONTAINER + "archive").handler(this::write);
    }

    /** Something that blocks. */
    interface Work {
        void run() throws IOException;
    }

    /** On a thread of its own; a failure is the answer, or cuts it off when it has begun. */
    static void serve(RoutingContext routing, Work work) {
        HttpServerResponse response = routing.response();
        HostThreads.start(() -> {
            try {
                takeTurn(work);
            } catch (AgentFailure e) {
                fail(response, e);
            } catch (IOException e) {
                if (!response.closed()) {
                    fail(response, new AgentFailure(AgentFailure.Code.INTERNAL, e.getMessage(), e));
                }
            } catch (RuntimeException | Error e) {
                LOG.errorf(e, "%s failed", routing.normalizedPath());
                fail(response, Unexpected.failure(new IllegalStateException(e)));
            }
        });
    }

    private static void takeTurn(Work work) throws IOException {
        try {
            if (!ROOM.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AgentFailure(AgentFailure.Code.INTERNAL, "too many archives are under way on this host");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try {
            work.run();
        } finally {
            ROOM.release();
        }
    }

    private static void fail(HttpServerResponse response, AgentFailure failure) {
        if (response.headWritten()) {
            response.reset();
        } else {
            FailureAnswer.send(response, failure);
        }
    }

    private void stat(RoutingContext routing) throws IOException {
        String path = StatPath.checked(routing.request().getParam("path"));
        try (ContainerView view = views.open(routing.pathParam("id"))) {
            routing.response()
                    .putHeader("Content-Type", "application/json")
                    .end(json.writeValueAsString(StatPath.of(view, path)));
        }
    }

    private void read(RoutingContext routing) throws IOException {
        String path = FilePath.absolute(StatPath.checked(routing.request().getParam("path")));
        HttpServerResponse response = routing.response();
        try (ContainerView view = views.open(routing.pathParam("id"));
                Fd file = open(view, path)) {
            PathStat stat = StatPath.of(view, path, file);
            begin(response, "application/x-tar");
            response.putHeader(PathStat.HEADER, encoded(stat));
            try (BlockingAnswer out = new BlockingAnswer(response);
                    TreeArchive archive = new TreeArchive(out)) {
                if (Attributes.stat(file).isDirectory()) {
                    archive.addTree(file, directoryName(path));
                } else {
                    archive.add(file, FilePath.base(path));
                }
                archive.end();
            }
            response.end();
        }
    }

    private static Fd open(ContainerView view, String path) {
        try {
            return StatPath.open(view.root().root(), path);
        } catch (ErrnoException e) {
            throw e.errno() == ErrnoException.ELOOP
                    ? FilesFailure.refused("lstat " + ByteStrings.toText(path) + ": " + e.reason())
                    : FilesFailure.of("lstat", path, e);
        }
    }

    private static String directoryName(String path) {
        String base = FilePath.base(path);
        return base.equals("/") ? base : base + "/";
    }

    static void begin(HttpServerResponse response, String type) {
        response.setChunked(true).putHeader("Content-Type", type);
    }

    private String encoded(PathStat stat) throws JsonProcessingException {
        return Base64.getEncoder().encodeToString(json.writeValueAsString(stat).getBytes(StandardCharsets.UTF_8));
    }

    private void write(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        BlockingBody body = new BlockingBody("the archive");
        body.follow(request, () -> {});
        // Who is refused has a connection with half a request on it, which is for the caller to close.
        serve(routing, () -> write(routing, body));
    }

    private void write(RoutingContext routing, InputStream body) throws IOException {
        HttpServerRequest request = routing.request();
        String path = StatPath.checked(request.getParam("path"));
        try (ContainerView view = views.open(routing.pathParam("id"))) {
            Optional<TarMembers.Owner> owner =
                    QueryValue.flag(request.getParam("copyUIDGID")) ? owner(view) : Optional.empty();
            boolean keepKinds = QueryValue.flag(request.getParam("noOverwriteDirNonDir"));
            new ExtractArchive(view, files.data().toString(), keepKinds, owner).run(path, body);
        }
        body.transferTo(OutputStream.nullOutputStream());
        routing.response().setStatusCode(204).end();
    }

    /** Whom the container's programs run as, if it was said. */
    private static Optional<TarMembers.Owner> owner(ContainerView view) {
        ContainerSpec spec = view.spec();
        String user = spec.process().user();
        if (user == null || user.isEmpty()) {
            return Optional.empty();
        }
        try {
            UserLookup.Identity found =
                    UserLookup.resolve(Path.of(view.root().root().path()), user, List.of());
            return Optional.of(new TarMembers.Owner((int) found.uid(), (int) found.gid()));
        } catch (AgentFailure e) {
            throw FilesFailure.refused(e.getMessage());
        }
    }
}
