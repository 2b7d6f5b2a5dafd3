package dev.gantry.agent.cdi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.host.HostRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CdiDevicesTest {
    private static final String FILE = "{'cdiVersion':'0.5.0','kind':'v.com/c','devices':[{'name':'one',"
            + "'containerEdits':{'env':['ONE=1']}},{'name':'two','containerEdits':{'env':['TWO=2']}}],"
            + "'containerEdits':{'env':['ALL=1']}}";

    @TempDir
    Path directory;

    private void write(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content.replace('\'', '"'));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private List<String> env(String... names) throws CdiDevices.UnknownDevices {
        List<String> directories = List.of(
                directory.resolve("first").toString(),
                " " + directory.resolve("second"),
                directory.resolve("none").toString());
        return new CdiDevices(new HostRoot(Path.of("/")), Optional.of(directories))
                .edits(List.of(names)).stream()
                        .flatMap(edits -> edits.env().stream())
                        .toList();
    }

    private void unknown(String told, String... names) {
        Exception e = assertThrows(CdiDevices.UnknownDevices.class, () -> env(names));
        assertEquals("unresolvable CDI devices " + told, e.getMessage());
    }

    @Test
    void what_all_devices_of_a_file_have_comes_once_and_first() throws Exception {
        write("first/a.json", FILE);

        assertEquals(List.of("ALL=1", "TWO=2", "ONE=1"), env("v.com/c=two", "v.com/c=one"));
        assertEquals(List.of(), env());
    }

    @Test
    void yaml_is_read_as_well() throws Exception {
        write(
                "first/a.yaml",
                "cdiVersion: 0.6.0\nkind: v.com/c\ndevices:\n- name: one\n  containerEdits:\n    env: [A=1]\n");

        assertEquals(List.of("A=1"), env("v.com/c=one"));
    }

    @Test
    void later_directory_replaces_what_an_earlier_one_has() throws Exception {
        write("first/a.json", FILE);
        write("second/a.json", FILE.replace("ONE=1", "ONE=later").replace("ALL=1", "ALL=later"));

        assertEquals(List.of("ALL=later", "ONE=later"), env("v.com/c=one"));
    }

    @Test
    void two_of_one_directory_are_none() throws Exception {
        write("first/a.json", FILE);
        write("first/b.json", FILE);

        unknown("v.com/c=one, zz", "v.com/c=one", "zz");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "null",
                "[]",
                "{}",
                "{'cdiVersion':'9.9.9','kind':'v.com/c','devices':[{'name':'one'}]}",
                "{'cdiVersion':'0.5.0','kind':'v.com','devices':[{'name':'one'}]}",
                "{'cdiVersion':'0.5.0','kind':'v.com/c','devices':[null]}",
                "{'cdiVersion':'0.5.0','kind':'v.com/c'}",
                "{'cdiVersion':'0.5.0','kind':'v.com/c','devices':[{'name':'one','containerEdits':{'env':['x']}}]}",
                "{'cdiVersion':'0.5.0','kind':'v.com/c','devices':[{'name':'one','containerEdits':{'mounts':[{}]}}]}",
                "{'cdiVersion':'0.5.0','kind':'v.com/c','devices':[{'name':'one','containerEdits':{'hooks':[{'path':'x'}]}}]}",
                "{'cdiVersion':'0.5.0','kind':'v.com/c','devices':[{'name':'one','containerEdits':{'deviceNodes':[null]}}]}",
            })
    void file_that_does_not_follow_the_specification_has_no_devices(String content) throws Exception {
        write("first/a.json", content);
        write("first/b.json", FILE.replace("v.com", "w.com"));

        unknown("v.com/c=one", "v.com/c=one", "w.com/c=one");
    }

    @Test
    void file_that_others_may_write_is_passed_over() throws Exception {
        write("first/a.json", FILE);
        Files.setPosixFilePermissions(directory.resolve("first/a.json"), PosixFilePermissions.fromString("rw-rw-r--"));

        unknown("v.com/c=one", "v.com/c=one");
    }
}
