package dev.gantry.gateway.system;

import dev.gantry.engine.container.Containers;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.registry.RegistrySettings;
import dev.gantry.engine.system.RegistryAuth;
import dev.gantry.engine.system.SystemDataUsage;
import dev.gantry.engine.system.SystemInfo;
import dev.gantry.engine.system.SystemVersion;
import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestHeader;

/** What is said about the whole engine. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class SystemResource {
    private final Images images;
    private final Containers containers;
    private final Hosts hosts;
    private final DataUsage usage;
    private final RegistryLogin login;
    private final String version;
    private final Config config;
    private final RegistrySettings registries;

    @Inject
    SystemResource(
            Images images,
            Containers containers,
            Hosts hosts,
            DataUsage usage,
            RegistryLogin login,
            @ConfigProperty(name = "quarkus.application.version") String version,
            Config config,
            RegistrySettings registries) {
        this.images = images;
        this.containers = containers;
        this.hosts = hosts;
        this.usage = usage;
        this.login = login;
        this.version = version;
        this.config = config;
        this.registries = registries;
    }

    @GET
    @Path("version")
    public Uni<SystemVersion> version() {
        return hosts.list().map(known -> EngineDescription.version(version, known));
    }

    @GET
    @Path("info")
    public Uni<SystemInfo> info(@RestHeader(ApiVersion.HEADER) String apiVersion) {
        ApiVersion client = ApiVersion.ofHeader(apiVersion);
        return Uni.combine()
                .all()
                .unis(images.count(), containers.counts(), hosts.list())
                .asTuple()
                .map(parts -> EngineDescription.info(
                        client,
                        parts.getItem1(),
                        parts.getItem2(),
                        parts.getItem3(),
                        config.getValue("gantry.containers.log-driver", String.class),
                        config.getOptionalValue("gantry.labels", String[].class)
                                .map(List::of)
                                .orElse(List.of()),
                        registries));
    }

    /** Kinds of object can be named, several too; before 1.42 all were always shown. */
    @GET
    @Path("system/df")
    public Uni<SystemDataUsage> dataUsage(@Context UriInfo uri, @RestHeader(ApiVersion.HEADER) String apiVersion) {
        ApiVersion client = ApiVersion.ofHeader(apiVersion);
        List<String> types = uri.getQueryParameters().getOrDefault("type", List.of());
        return usage.measure(client.before(1, 42) ? Set.of() : Set.copyOf(types), client);
    }

    @POST
    @Path("auth")
    public Uni<RegistryAuth.Accepted> auth(RegistryAuth credentials) {
        return login.check(credentials).replaceWith(new RegistryAuth.Accepted("Login Succeeded", ""));
    }
}
