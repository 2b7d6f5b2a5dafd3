package dev.gantry.gateway.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoutesTest {
    @Test
    void noun_decides_the_owner() {
        assertEquals(Owner.CONTAINER, owner("POST", "/containers/abc/start"));
        assertEquals(Owner.CONTAINER, owner("GET", "/volumes"));
        assertEquals(Owner.IMAGE, owner("GET", "/images/localhost:5000/library/busybox:1/json"));
        assertEquals(Owner.NETWORK, owner("GET", "/networks/bridge"));
        assertEquals(Owner.EVENT, owner("GET", "/events"));
    }

    @Test
    void fixed_paths_win_over_names() {
        assertEquals(Owner.SWARM, owner("GET", "/swarm/unlockkey"));
        assertEquals(Owner.NOBODY, owner("POST", "/swarm/init"));
        assertEquals(Owner.IMAGE, owner("POST", "/images/docker.io/library/busybox/push"));
    }

    @Test
    void what_docker_does_not_have_is_not_found() {
        for (String path :
                List.of("/", "/internal/image-service/content/x", "/q/health", "/q/metrics", "/containers", "/x")) {
            assertTrue(Routes.find("GET", path).isEmpty(), path);
        }
        assertTrue(Routes.find("PATCH", "/containers/json").isEmpty());
        assertTrue(Routes.find("GET", "/containers/a/b/json").isEmpty());
    }

    @Test
    void streams_and_bodies_are_marked() {
        Route exec = Routes.find("POST", "/exec/abc/start").orElseThrow();

        assertTrue(exec.upgraded());
        assertEquals(Route.Body.OPTIONAL_JSON, exec.body());
        assertEquals(
                Route.Body.STREAM,
                Routes.find("POST", "/images/load").orElseThrow().body());
    }

    private static Owner owner(String method, String path) {
        return Routes.find(method, path).orElseThrow().owner();
    }
}
