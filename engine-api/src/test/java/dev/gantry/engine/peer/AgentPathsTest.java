package dev.gantry.engine.peer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AgentPathsTest {
    private static final String DIGEST = "sha256:" + "0a".repeat(32);

    @Test
    void agents_register_report_and_fetch_layers() {
        assertTrue(AgentPaths.include("PUT", "/internal/cluster-service/hosts/3f-0"));
        assertTrue(AgentPaths.include("PUT", "/internal/container-service/hosts/3f-0/containers"));
        assertTrue(AgentPaths.include("POST", "/internal/container-service/hosts/3f-0/reports"));
        assertTrue(AgentPaths.include("GET", "/internal/image-service/content/" + DIGEST));
    }

    @Test
    void nothing_else_is_theirs() {
        assertFalse(AgentPaths.include("GET", "/internal/cluster-service/hosts"));
        assertFalse(AgentPaths.include("GET", "/internal/cluster-service/hosts/3f-0"));
        assertFalse(AgentPaths.include("POST", "/internal/cluster-service/hosts/place"));
        assertFalse(AgentPaths.include("DELETE", "/internal/image-service/content/" + DIGEST));
        assertFalse(AgentPaths.include("GET", "/containers/json"));
        assertFalse(AgentPaths.include("PUT", "/internal/cluster-service/hosts/%2e%2e"));
        assertFalse(AgentPaths.include("PUT", "/internal/cluster-service/hosts/../hosts"));
        assertFalse(AgentPaths.include("GET", "/internal/image-service/content/" + DIGEST + "/../x"));
    }
}
