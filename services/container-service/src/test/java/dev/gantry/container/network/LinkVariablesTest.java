package dev.gantry.container.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkVariablesTest {
    @Test
    void container_without_ports_has_a_name_and_its_variables() {
        assertEquals(
                List.of("MY_DB_NAME=/web/my-db", "MY_DB_ENV_FOO=a=b", "MY_DB_ENV_EMPTY="),
                of("{\"Env\":[\"PATH=/bin\",\"FOO=a=b\",\"HOME=/\",\"EMPTY=\",\"NOVALUE\"]}"));
    }

    @Test
    void lowest_port_is_the_first_and_tcp_before_udp() {
        assertEquals(
                List.of(
                        "MY_DB_PORT=tcp://10.0.0.2:53",
                        "MY_DB_PORT_53_TCP=tcp://10.0.0.2:53",
                        "MY_DB_PORT_53_TCP_ADDR=10.0.0.2",
                        "MY_DB_PORT_53_TCP_PORT=53",
                        "MY_DB_PORT_53_TCP_PROTO=tcp",
                        "MY_DB_PORT_53_UDP=udp://10.0.0.2:53",
                        "MY_DB_PORT_53_UDP_ADDR=10.0.0.2",
                        "MY_DB_PORT_53_UDP_PORT=53",
                        "MY_DB_PORT_53_UDP_PROTO=udp",
                        "MY_DB_NAME=/web/my-db"),
                of("{\"ExposedPorts\":{\"53/udp\":{},\"53/tcp\":{}}}"));
    }

    @Test
    void three_neighbours_are_told_as_a_run_too() {
        List<String> variables = of("{\"ExposedPorts\":{\"82/tcp\":{},\"80/tcp\":{},\"81/tcp\":{},\"90/tcp\":{}}}");

        assertEquals(
                List.of(
                        "MY_DB_PORT_80_TCP_START=tcp://10.0.0.2:80",
                        "MY_DB_PORT_80_TCP_ADDR=10.0.0.2",
                        "MY_DB_PORT_80_TCP_PROTO=tcp",
                        "MY_DB_PORT_80_TCP_PORT_START=80",
                        "MY_DB_PORT_80_TCP_END=tcp://10.0.0.2:82",
                        "MY_DB_PORT_80_TCP_PORT_END=82"),
                variables.subList(1, 7));
        assertEquals(1 + 6 + 4 * 4 + 1, variables.size());
    }

    private static List<String> of(String config) {
        return LinkVariables.of("/web/my-db", "10.0.0.2", StoredJson.read(config, ContainerConfig.class));
    }
}
