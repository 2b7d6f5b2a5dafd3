package dev.gantry.gateway.system;

import dev.gantry.engine.EngineError;

/**
 * Where a registry's API begins.
 *
 * @param authority {@code host[:port]}
 */
record RegistryAddress(String authority) {
    private static final String PUBLIC = "registry-1.docker.io";

    /**
     * @param text as clients write it: a host, maybe with port, scheme or path; null or empty for the public one
     * @throws EngineError.BadParameter when it is no address
     */
    static RegistryAddress of(String text) {
        String bare =
                text == null ? "" : text.strip().replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        if (bare.isEmpty() || bare.equals("docker.io") || bare.equals("index.docker.io")) {
            return new RegistryAddress(PUBLIC);
        }
        if (!bare.matches("[A-Za-z0-9.:\\[\\]-]+")) {
            throw new EngineError.BadParameter("unable to validate registry address: " + text);
        }
        return new RegistryAddress(bare);
    }

    String secure() {
        return "https://" + authority + "/v2/";
    }

    String plain() {
        return "http://" + authority + "/v2/";
    }
}
