package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CreateRequestTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{'HostConfig':{}}",
                "{'HostConfig':null,'NetworkingConfig':{}}",
                "{'hostconfig':{'Memory':1}}"
            })
    void nothing_asked_is_refused(String body) {
        assertRefused(body, "config cannot be empty in order to create a container");
    }

    @Test
    void no_body_is_refused() {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> CreateRequest.parse(null));

        assertEquals("config cannot be empty in order to create a container", error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "[] | invalid JSON: json: cannot unmarshal array of type object",
                "[1] | invalid JSON: json: cannot unmarshal array of type object",
                "'x' | invalid JSON: json: cannot unmarshal string of type object",
                "5 | invalid JSON: json: cannot unmarshal number of type object",
                "true | invalid JSON: json: cannot unmarshal bool of type object",
                "{'Image':5} | invalid JSON: json: cannot unmarshal number into field Image of type string",
                "{'Image':{}} | invalid JSON: json: cannot unmarshal object into field Image of type string",
                "{'Tty':'true'} | invalid JSON: json: cannot unmarshal string into field Tty of type bool",
                "{'Env':'A=1'} | invalid JSON: json: cannot unmarshal string into field Env of type array",
                "{'Env':[5]} | invalid JSON: json: cannot unmarshal number into field Env of type string",
                "{'Labels':[]} | invalid JSON: json: cannot unmarshal array into field Labels of type object",
                "{'StopTimeout':99999999999} | invalid JSON: json: cannot unmarshal number into field StopTimeout",
                "{'Image':'x','HostConfig':[]} | invalid JSON: json: cannot unmarshal array into field HostConfig of type object",
                "{'Image':'x','HostConfig':'x'} | invalid JSON: json: cannot unmarshal string into field HostConfig of type object",
                "{'Image':'x','HostConfig':''} | invalid JSON: json: cannot unmarshal string into field HostConfig of type object",
                "{'Image':'x','HostConfig':{'Memory':'5'}} | invalid JSON: json: cannot unmarshal string into field HostConfig.Memory of type integer",
                "{'Image':'x','HostConfig':{'Binds':'x'}} | invalid JSON: json: cannot unmarshal string into field HostConfig.Binds of type array",
                "{'Image':'x','HostConfig':{'Mounts':[null]}} | invalid JSON: null in a list of objects",
                "{'Image':'x','HostConfig':{'PortBindings':{'80':[null]}}} | invalid JSON: null in a list of objects",
                "{'Image':'x','NetworkingConfig':[]} | invalid JSON: json: cannot unmarshal array into field NetworkingConfig of type object",
                "{'Image':'x','NetworkingConfig':{'EndpointsConfig':[]}} | invalid JSON: json: cannot unmarshal array into field NetworkingConfig.EndpointsConfig of type object",
                "{'Image':'x','NetworkingConfig':{'EndpointsConfig':'x'}} | invalid JSON: json: cannot unmarshal string into field NetworkingConfig.EndpointsConfig of type object",
                "{'Image':'x','NetworkingConfig':{'EndpointsConfig':{'n':5}}} | invalid JSON: json: cannot unmarshal number into field NetworkingConfig.EndpointsConfig.n of type object",
                "{'Image':'x\\u0000'} | invalid JSON: a string contains a NUL character",
                "{'Image':'x','Labels':{'a\\u0000':'b'}} | invalid JSON: a string contains a NUL character",
                "{'Image':'x','HostConfig':{'Binds':['/a\\u0000:/b']}} | invalid JSON: a string contains a NUL character",
            })
    void wrong_form_is_told(String body, String message) {
        assertRefused(body, message);
    }

    private static void assertRefused(String body, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> Asked.request(body));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Image':'x','HostConfig':{'Memory':7},'NetworkingConfig':{'EndpointsConfig':{'n':{'Aliases':['a']}}}}",
                "{'image':'x','hostconfig':{'memory':7},'networkingconfig':{'endpointsconfig':{'n':{'aliases':['a']}}}}",
                "{'IMAGE':'x','HOSTCONFIG':{'MEMORY':7},'NETWORKINGCONFIG':{'ENDPOINTSCONFIG':{'n':{'ALIASES':['a']}}}}",
            })
    void names_are_read_in_any_case(String body) {
        CreateRequest request = Asked.request(body);

        assertEquals("x", request.config().image());
        assertEquals(7, request.hostConfig().memory());
        assertEquals(List.of("a"), request.endpoints().get("n").aliases());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Image':'x'}",
                "{'Image':'x','HostConfig':null,'NetworkingConfig':null}",
                "{'Image':'x','HostConfig':{},'NetworkingConfig':{}}",
                "{'Image':'x','NetworkingConfig':{'EndpointsConfig':null},'Unknown':[1]}",
            })
    void what_is_left_out_has_its_default(String body) {
        CreateRequest request = Asked.request(body);

        assertEquals("default", request.hostConfig().networkMode());
        assertEquals("no", request.hostConfig().restartPolicy().name());
        assertEquals("", request.hostConfig().logConfig().type());
        assertEquals(0, request.endpoints().size());
    }

    @Test
    void endpoints_keep_their_order() {
        CreateRequest request = Asked.request(
                "{'Image':'x','NetworkingConfig':{'EndpointsConfig':{'zz':{},'b':{'MacAddress':'m'},'a':{}}}}");

        assertEquals(List.of("zz", "b", "a"), List.copyOf(request.endpoints().keySet()));
        assertEquals("", request.endpoints().get("zz").macAddress());
        assertEquals("m", request.endpoints().get("b").macAddress());
    }

    @Test
    void endpoint_without_settings_is_refused() {
        EngineError refusal = assertThrows(
                EngineError.BadParameter.class,
                () -> Asked.request("{'Image':'x','NetworkingConfig':{'EndpointsConfig':{'n1':null}}}"));

        assertEquals("invalid config for network n1: EndpointsConfig is nil", refusal.getMessage());
    }

    @Test
    void single_string_is_a_list_of_one() {
        assertEquals(List.of("x"), Asked.config("{'Cmd':'x'}").cmd());
        assertEquals(List.of("y"), Asked.config("{'Entrypoint':'y'}").entrypoint());
        assertEquals(List.of(""), Asked.config("{'Cmd':[null]}").cmd());
    }
}
