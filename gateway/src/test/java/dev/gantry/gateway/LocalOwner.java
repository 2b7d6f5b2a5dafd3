package dev.gantry.gateway;

import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;

/** A service in the gateway's own process, which tells what reached it. */
@Path("/")
public class LocalOwner {
    @POST
    @Path("containers/create")
    public Map<String, Object> create(
            Map<String, Object> body,
            @QueryParam("name") @DefaultValue("") String name,
            @HeaderParam("X-Gantry-Api-Version") String version,
            @HeaderParam("X-Request-Id") String requestId) {
        return Map.of("body", body, "name", name, "version", version, "requestId", requestId);
    }

    @POST
    @Path("images/load")
    public String load(InputStream archive) throws IOException {
        long bytes = 0;
        byte[] buffer = new byte[8192];
        for (int n = archive.read(buffer); n >= 0; n = archive.read(buffer)) {
            bytes += n;
        }
        return Long.toString(bytes);
    }

    /** Answers later, and on another thread. */
    @GET
    @Path("containers/slow/json")
    public Uni<Map<String, String>> slow() {
        return Uni.createFrom().item(Map.of("slow", "true")).onItem().delayIt().by(Duration.ofMillis(50));
    }

    @GET
    @Path("containers/broken/json")
    public String broken() {
        throw new IllegalStateException("select secret from table");
    }

    @GET
    @Path("internal/secret/json")
    public String secret() {
        return "never to be seen";
    }
}
