package dev.gantry.agent.volume.plugin;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Where a plug-in listens; the form of its {@code .json} file.
 *
 * @param address {@code unix:///path}, {@code tcp://host:port}, {@code http://} or {@code https://}
 * @param tls null for none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record PluginAddress(@JsonProperty("Addr") String address, @JsonProperty("TLSConfig") Tls tls) {
    /** PEM files; without an authority none is asked for, as with dockerd. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Tls(
            @JsonProperty("InsecureSkipVerify") boolean insecure,
            @JsonProperty("CAFile") String authority,
            @JsonProperty("CertFile") String certificate,
            @JsonProperty("KeyFile") String key) {}
}
