package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDefaultsTest {
    private static ContainerConfig merge(String asked, String image) {
        return ImageDefaults.merge(Asked.config(asked), Asked.tree(image), "cafecafecafe");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Image':'i'} | {'Cmd':['y']} | y",
                "{'Image':'i'} | {'Entrypoint':['/e'],'Cmd':['y','z']} | /e y z",
                "{'Image':'i'} | {'Entrypoint':['/e']} | /e",
                "{'Cmd':['x']} | {} | x",
                "{'Cmd':['x']} | {'Entrypoint':['/e'],'Cmd':['y']} | /e x",
                "{'Cmd':'x'} | {'Cmd':['y']} | x",
                "{'Cmd':[]} | {'Cmd':['y']} | y",
                "{'Entrypoint':'/mine'} | {'Cmd':['y']} | /mine",
                "{'Entrypoint':['/mine']} | {'Entrypoint':['/e'],'Cmd':['y']} | /mine",
                "{'Entrypoint':['/mine'],'Cmd':['x']} | {'Entrypoint':['/e'],'Cmd':['y']} | /mine x",
                "{'Entrypoint':[],'Cmd':['x']} | {'Entrypoint':['/e']} | x",
                "{'Entrypoint':[''],'Cmd':['x']} | {'Entrypoint':['/e'],'Cmd':['y']} | x",
                "{'Entrypoint':null,'Cmd':null} | {'Entrypoint':['/e'],'Cmd':['y']} | /e y",
                "{'Cmd':['x']} | {'Entrypoint':null,'Cmd':null,'Env':null,'Labels':null} | x",
                "{'Cmd':['x']} | {'Entrypoint':'/e','Cmd':{}} | x",
                "{'Cmd':['x']} | {'Entrypoint':['']} | x",
                "{'Cmd':['']} | {} | ``",
            })
    void command(String asked, String image, String args) {
        assertEquals(args, String.join(" ", SpecBuilder.args(merge(asked, image))));
    }

    @Test
    void removed_entrypoint_is_stored_as_none() {
        assertNull(merge("{'Entrypoint':[''],'Cmd':['x']}", "{'Entrypoint':['/e']}")
                .entrypoint());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Image':'x'} | {}",
                "{'Cmd':[]} | {}",
                "{'Entrypoint':[],'Cmd':[]} | {}",
                "{'Entrypoint':['']} | {'Entrypoint':['/e'],'Cmd':['y']}",
                "{'Entrypoint':'','Cmd':[]} | {}",
                "{'Image':'x'} | {'Entrypoint':[''],'Cmd':[]}",
                "{'Image':'x'} | {'Cmd':'y'}",
                "{'Image':'x'} | []",
            })
    void no_command_is_refused(String asked, String image) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> merge(asked, image));

        assertEquals("no command specified", error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "['A=1'] | ['A=2','B=3'] | A=1 B=3",
                "['A'] | ['A=2'] | A",
                "['A='] | ['A=2'] | A=",
                "['a=1'] | ['A=2'] | a=1 A=2",
                "['A=1=2'] | ['A=3'] | A=1=2",
                "['A=1','A=2'] | ['A=3'] | A=1 A=2",
                "null | ['A=2','A=3'] | A=2 A=3",
                "[] | null | ``",
                "[] | 'A=1' | ``",
            })
    void environment_is_the_clients_then_the_images(String asked, String image, String env) {
        ContainerConfig config = merge("{'Cmd':['x'],'Env':" + asked + "}", "{'Env':" + image + "}");

        assertEquals(env, String.join(" ", config.env()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{} | {'User':'u','WorkingDir':'/w','StopSignal':'INT'} | u | /w | INT",
                "{'User':'','WorkingDir':'','StopSignal':''} | {'User':'u','WorkingDir':'/w/../v/','StopSignal':'INT'} | u | /v | INT",
                "{'User':'me','WorkingDir':'/mine','StopSignal':'9'} | {'User':'u','WorkingDir':'/w','StopSignal':'INT'} | me | /mine | 9",
                "{'WorkingDir':'/../../x/../y'} | {'User':null,'WorkingDir':null} | `` | /y | ",
            })
    void user_directory_and_signal(String asked, String image, String user, String directory, String signal) {
        ContainerConfig config =
                merge(asked.replaceFirst("\\{", "{'Cmd':['x'],").replace(",}", "}"), image);

        assertEquals(user, config.user());
        assertEquals(directory, config.workingDir());
        assertEquals(signal, config.stopSignal());
    }

    @Test
    void labels_ports_and_volumes_are_united_and_the_clients_win() {
        ContainerConfig config = merge(
                "{'Cmd':['x'],'Labels':{'a':'1'},'ExposedPorts':{'80/tcp':{}},'Volumes':{'/a':{}}}",
                "{'Labels':{'a':'0','b':'2'},'ExposedPorts':{'81/tcp':{}},'Volumes':{'/b':{}}}");

        assertEquals(Map.of("a", "1", "b", "2"), config.labels());
        assertEquals(Set.of("80/tcp", "81/tcp"), config.exposedPorts().keySet());
        assertEquals(Set.of("/a", "/b"), config.volumes().keySet());
    }

    @Test
    void nothing_of_the_image_is_changed() {
        var image = Asked.tree("{'Labels':{'a':'0'},'Env':['A=1'],'Cmd':['y']}");
        var before = image.deepCopy();

        ImageDefaults.merge(Asked.config("{'Labels':{'a':'1'},'Env':['B=1']}"), image, "h");

        assertEquals(before, image);
    }

    @Test
    void shell_of_an_image_is_for_builds_only() {
        String image = "{'Cmd':['x'],'Shell':['/bin/sh','-xc'],'OnBuild':['RUN x']}";

        assertNull(merge("{'Image':'i'}", image).shell());
        assertNull(merge("{'Image':'i'}", image).onBuild());
        assertEquals(List.of("mine"), merge("{'Shell':['mine']}", image).shell());
    }

    @Test
    void health_check_is_the_images_field_by_field() {
        String image = "{'Cmd':['x'],'Healthcheck':{'Test':['CMD','t'],'Interval':1000000,'Timeout':2000000,"
                + "'StartPeriod':3000000,'StartInterval':4000000,'Retries':5}}";

        String all = "{\"Test\":[\"CMD\",\"t\"],\"Interval\":1000000,\"Timeout\":2000000,"
                + "\"StartPeriod\":3000000,\"StartInterval\":4000000,\"Retries\":5}";
        assertEquals(all, merge("{'Image':'i'}", image).healthcheck().toString());
        assertEquals(all, merge("{'Healthcheck':{}}", image).healthcheck().toString());
        assertEquals(
                all.replace("\"CMD\",\"t\"", "\"NONE\"").replace("1000000,", "7000000,"),
                merge("{'Healthcheck':{'test':['NONE'],'interval':7000000,'Retries':0,'Odd':1}}", image)
                        .healthcheck()
                        .toString());
        assertEquals(
                "{}", merge("{'Healthcheck':{}}", "{'Cmd':['x']}").healthcheck().toString());
        assertNull(merge("{'Image':'i'}", "{'Cmd':['x']}").healthcheck());
    }

    @Test
    void host_name_is_the_default_unless_given() {
        assertEquals(
                "cafecafecafe", merge("{'Cmd':['x']}", "{'Hostname':'image'}").hostname());
        assertEquals("mine", merge("{'Cmd':['x'],'Hostname':'mine'}", "{}").hostname());
    }

    @Test
    void an_images_working_directory_is_absolute_too() {
        EngineError error =
                assertThrows(EngineError.BadParameter.class, () -> merge("{'Cmd':['x']}", "{'WorkingDir':'rel'}"));

        assertEquals("the working directory 'rel' is invalid, it needs to be an absolute path", error.getMessage());
    }

    /** An image is made by anyone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Env':[5]}",
                "{'Env':[{}]}",
                "{'Cmd':[5]}",
                "{'Cmd':[['x']]}",
                "{'User':5}",
                "{'User':{}}",
                "{'StopSignal':[]}",
                "{'Labels':{'a':5}}",
                "{'Labels':{'a':{}}}",
                "{'ExposedPorts':{'80':5}}",
                "{'Volumes':{'/a':'x'}}",
                "{'ArgsEscaped':'x'}",
                "{'Healthcheck':5}",
                "{'Healthcheck':{'Interval':'x'}}",
            })
    void wrong_form_of_an_image_is_told(String image) {
        EngineError.Failed error = assertThrows(
                EngineError.Failed.class, () -> merge("{'Image':'i'}", image.replaceFirst("\\{", "{'Cmd':['y'],")));

        assertEquals(
                "the image's configuration is not usable: invalid JSON: ",
                error.getMessage().substring(0, 55));
    }
}
