package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.version.ApiVersion;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MacAddressRulesTest {
    private static final String ONE = "02:00:00:00:00:01";
    private static final String TWO = "02:00:00:00:00:02";

    /** Which addresses endpoints get, and which one is shown beside them; {@code 1} and {@code 2} stand for addresses. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "43 | 1 | default | ''      | bridge=1   | 1",
                "43 | 1 | net     | ''      | net=1      | 1",
                "43 | 1 | net     | other=  | other=1    | 1",
                "43 | 1 | net     | net=2   | net=1      | 1",
                "43 | '' | net    | net=2   | net=       | ''",
                "44 | 1 | bridge  | ''      | bridge=1   | 1",
                "44 | 1 | default | bridge= | bridge=1   | 1",
                "44 | 1 | default | default= | bridge=1  | 1",
                "44 | 1 | net     | net=,x= | net=1,x=   | 1",
                "44 | 1 | net     | net=1   | net=1      | 1",
                "44 | '' | net    | net=2   | net=2      | 2",
                "44 | '' | net    | x=2     | x=2        | ''",
                "44 | 1 | host    | ''      | ''         | ''",
            })
    void addresses(int minor, String wide, String mode, String asked, String expected, String shown) {
        CreateRequest given = apply(minor, wide, mode, asked);

        assertEquals(
                expected,
                given.endpoints().entrySet().stream()
                        .map(one -> one.getKey() + "=" + digit(one.getValue().macAddress()))
                        .collect(Collectors.joining(",")));
        assertEquals(shown, digit(given.config().macAddress()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "43 | host        | ''    | conflicting options: mac-address and the network mode",
                "43 | none        | ''    | conflicting options: mac-address and the network mode",
                "43 | container:x | ''    | conflicting options: mac-address and the network mode",
                "44 | net         | net=2 | the container-wide MAC address must match the endpoint-specific MAC address for"
                        + " the main network, or be left empty",
                "44 | bridge      | default= | if a container-wide MAC address is supplied, HostConfig.NetworkMode must match"
                        + " the identity of a network in NetworkSettings.Networks",
                "44 | net         | x=    | if a container-wide MAC address is supplied, HostConfig.NetworkMode must match"
                        + " the identity of a network in NetworkSettings.Networks",
            })
    void refused(int minor, String mode, String asked, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> apply(minor, "1", mode, asked));

        assertEquals(message, error.getMessage());
    }

    private static CreateRequest apply(int minor, String wide, String mode, String asked) {
        String endpoints = asked.isEmpty()
                ? ""
                : Arrays.stream(asked.split(","))
                        .map(one -> one.split("=", -1))
                        .map(one -> "\"%s\":{\"MacAddress\":\"%s\"}".formatted(one[0], address(one[1])))
                        .collect(Collectors.joining(","));
        String body =
                """
                {"Image":"i","MacAddress":"%s","HostConfig":{"NetworkMode":"%s"},"NetworkingConfig":{"EndpointsConfig":{%s}}}
                """
                        .formatted(address(wide), mode, endpoints);
        try {
            return MacAddressRules.apply(
                    CreateRequest.parse(new ObjectMapper().readTree(body)), new ApiVersion(1, minor));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String address(String digit) {
        return switch (digit) {
            case "1" -> ONE;
            case "2" -> TWO;
            default -> "";
        };
    }

    private static String digit(String address) {
        return address == null || address.isEmpty() ? "" : address.substring(address.length() - 1);
    }
}
