package dev.gantry.engine.system;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** Credentials as in {@code POST /auth}; absent fields are null. */
public record RegistryAuth(String username, String password, String serveraddress, String identitytoken) {
    /** The answer when they are good. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Accepted(String status, String identityToken) {}
}
