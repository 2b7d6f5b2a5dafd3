package dev.gantry.gateway.system;

import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.Hosts;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.system.RegistryAuth;
import dev.gantry.engine.system.SystemInfo;
import dev.gantry.engine.system.SystemVersion;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What is said about the whole engine. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class SystemResource {
    private final Images images;
    private final Containers containers;
    private final Hosts hosts;
    private final RegistryLogin login;
    private final String version;

    @Inject
    SystemResource(
            Images images,
            Containers containers,
            Hosts hosts,
            RegistryLogin login,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.images = images;
        this.containers = containers;
        this.hosts = hosts;
        this.login = login;
        this.version = version;
    }

    @GET
    @Path("version")
    public Uni<SystemVersion> version() {
        return hosts.list().map(known -> EngineDescription.version(version, known));
    }

    @GET
    @Path("info")
    public Uni<SystemInfo> info() {
        return Uni.combine()
                .all()
                .unis(images.count(), containers.counts(), hosts.list())
                .asTuple()
                .map(parts -> EngineDescription.info(version, parts.getItem1(), parts.getItem2(), parts.getItem3()));
    }

    @POST
    @Path("auth")
    public Uni<RegistryAuth.Accepted> auth(RegistryAuth credentials) {
        return login.check(credentials).replaceWith(new RegistryAuth.Accepted("Login Succeeded", ""));
    }
}
