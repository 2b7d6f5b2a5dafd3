package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. */
class MountParserTest {
    private static PlannedMount parse(String mount) {
        return MountParser.parse(
                Asked.hostConfig("{'Mounts':[" + mount + "]}").mounts().getFirst());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{} | invalid mount config for type \"\": field Target must not be empty",
                "{'Type':'bind'} | invalid mount config for type \"bind\": field Target must not be empty",
                "{'Type':'volume','Source':'rel'} | invalid mount config for type \"volume\": field Target must not be empty",
                "{'Type':'tmpfs','Target':null} | invalid mount config for type \"tmpfs\": field Target must not be empty",
                "{'Type':'zz'} | invalid mount config for type \"zz\": field Target must not be empty",
                "{'Target':'/b'} | invalid mount config for type \"\": mount type unknown",
                "{'Type':'BIND','Source':'/tmp','Target':'/b'} | invalid mount config for type \"BIND\": mount type unknown",
                "{'Type':'npipe','Source':'/tmp','Target':'/b'} | invalid mount config for type \"npipe\": mount type unknown",
                "{'Type':'cluster','Source':'abc','Target':'/b'} | invalid mount config for type \"cluster\": mount type unknown",
                "{'Type':'zz','Target':'rel'} | invalid mount config for type \"zz\": invalid mount path: 'rel' mount path must be absolute",
                "{'Type':'bind','Source':'/tmp','Target':'b'} | invalid mount config for type \"bind\": invalid mount path: 'b' mount path must be absolute",
                "{'Type':'bind','Source':'/tmp','Target':'/.'} | invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
                "{'Type':'bind','Source':'','Target':'/'} | invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
                "{'Type':'volume','Source':'aa','Target':'/a/..'} | invalid mount config for type \"volume\": invalid specification: destination can't be '/'",
                "{'Type':'tmpfs','Target':'b'} | invalid mount config for type \"tmpfs\": invalid mount path: 'b' mount path must be absolute",
                "{'Type':'tmpfs','Target':'/'} | invalid mount config for type \"tmpfs\": invalid specification: destination can't be '/'",
                "{'Type':'bind','Target':'/b'} | invalid mount config for type \"bind\": field Source must not be empty",
                "{'Type':'bind','Source':'rel','Target':'/b'} | invalid mount config for type \"bind\": invalid mount path: 'rel' mount path must be absolute",
                "{'Type':'bind','Source':'../x','Target':'/b'} | invalid mount config for type \"bind\": invalid mount path: '../x' mount path must be absolute",
                "{'Type':'bind','Source':'rel','Target':'/b','BindOptions':{'Propagation':'zz'}} | invalid mount config for type \"bind\": invalid propagation mode: zz",
                "{'Type':'bind','Source':'/tmp','Target':'/b','BindOptions':{'Propagation':'RSHARED'}} | invalid mount config for type \"bind\": invalid propagation mode: RSHARED",
                "{'Type':'volume','Target':'/b','ReadOnly':true} | invalid mount config for type \"volume\": must not set ReadOnly mode when using anonymous volumes",
                "{'Type':'tmpfs','Source':'x','Target':'/b'} | invalid mount config for type \"tmpfs\": field Source must not be specified",
                "{'Type':'bind','VolumeOptions':{}} | VolumeOptions must not be specified on mount type \"bind\"",
                "{'Type':'bind','Source':'/a','Target':'/b','TmpfsOptions':{}} | TmpfsOptions must not be specified on mount type \"bind\"",
                "{'Type':'volume','Source':'x','Target':'/b','BindOptions':{}} | BindOptions must not be specified on mount type \"volume\"",
                "{'Type':'volume','Target':'/b','TmpfsOptions':{}} | TmpfsOptions must not be specified on mount type \"volume\"",
                "{'Type':'tmpfs','Source':'x','Target':'/b','BindOptions':{},'VolumeOptions':{}} | VolumeOptions must not be specified on mount type \"tmpfs\"",
                "{'Type':'tmpfs','Target':'/b','BindOptions':{}} | BindOptions must not be specified on mount type \"tmpfs\"",
                "{'Type':'zz','BindOptions':{}} | BindOptions must not be specified on mount type \"zz\"",
                "{'Type':'volume','Source':'x','Target':'/b'} | create x: volume name is too short, names should be at least two alphanumeric characters",
                "{'Type':'volume','Source':'/x','Target':'/b'} | create /x: \"/x\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
            })
    void refused_as_by_dockerd(String mount, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> parse(mount));

        assertEquals(message, error.getMessage());
    }

    /** dockerd takes the sizes and fails at start; it knows no options yet. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'SizeBytes':-1} | invalid mount config for type \"tmpfs\": invalid size",
                "{'Mode':-1} | invalid mount config for type \"tmpfs\": invalid mode",
                "{'Options':[['zz']]} | invalid tmpfs option \"zz\"",
                "{'Options':[['zz','1']]} | invalid tmpfs option \"zz\"",
                "{'Options':[[],['ro']]} | invalid tmpfs option \"\"",
                "{'Options':[['ro,zz=1']]} | invalid tmpfs option \"zz\"",
                "{'Options':[null]} | invalid JSON: null in a list of objects",
                "{'Mode':4294967296} | invalid JSON: json: cannot unmarshal number into field HostConfig.Mounts.TmpfsOptions.Mode",
            })
    void tmpfs_options_refused(String options, String message) {
        EngineError error = assertThrows(
                EngineError.BadParameter.class,
                () -> parse("{'Type':'tmpfs','Target':'/b','TmpfsOptions':" + options + "}"));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "null | ``",
                "{} | ``",
                "{'SizeBytes':0,'Mode':0} | ``",
                "{'SizeBytes':4096} | size=4096",
                "{'SizeBytes':9223372036854775807} | size=9223372036854775807",
                "{'Mode':511} | mode=777",
                "{'Mode':1023} | mode=1777",
                "{'SizeBytes':4096,'Mode':493,'Options':[['exec'],['uid','5'],['noatime']]} | size=4096,mode=755,exec,uid=5,noatime",
                "{'Options':[]} | ``",
                "{'Options':[[]]} | ``",
            })
    void tmpfs_options(String options, String words) {
        assertEquals(
                new PlannedMount(Kind.TMPFS, "", "/b", false, "", "", false, false, false, words, true),
                parse("{'Type':'tmpfs','Target':'/b','TmpfsOptions':" + options + "}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Type':'bind','Source':'/a','Target':'/b'} | /a | false | `` | false",
                "{'Type':'bind','Source':'/a/../c/','Target':'/b/.','ReadOnly':true} | /c | true | `` | false",
                "{'Type':'bind','Source':'/','Target':'/x/../b','Consistency':'zz'} | / | false | `` | false",
                "{'Type':'bind','Source':'/a','Target':'/b','BindOptions':{}} | /a | false | `` | false",
                "{'Type':'bind','Source':'/a','Target':'/b','BindOptions':{'Propagation':''}} | /a | false | `` | false",
                "{'Type':'bind','Source':'/a','Target':'/b','BindOptions':{'Propagation':'rslave'}} | /a | false | rslave | false",
                "{'Type':'bind','Source':'/a','Target':'/b','BindOptions':{'CreateMountpoint':true}} | /a | false | `` | true",
                "{'type':'bind','source':'/a','target':'/b','bindoptions':{'createmountpoint':true}} | /a | false | `` | true",
            })
    void bind(String mount, String source, boolean readOnly, String propagation, boolean create) {
        assertEquals(
                new PlannedMount(Kind.BIND, source, "/b", readOnly, "", propagation, false, false, create, "", true),
                parse(mount));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Type':'volume','Source':'aa','Target':'/b'} | false | true",
                "{'Type':'volume','Source':'aa','Target':'/b/','ReadOnly':true} | true | true",
                "{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{}} | false | true",
                "{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'NoCopy':true}} | false | false",
                "{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'Subpath':''}} | false | true",
            })
    void named_volume(String mount, boolean readOnly, boolean copy) {
        assertEquals(
                new PlannedMount(Kind.VOLUME, "aa", "/b", readOnly, "z", "", false, copy, false, "", true),
                parse(mount));
    }

    @Test
    void volume_without_source_is_anonymous() {
        PlannedMount mount = parse("{'Type':'volume','Target':'/b','VolumeOptions':{'NoCopy':true}}");

        assertTrue(mount.anonymous());
        assertTrue(mount.source().matches("[0-9a-f]{64}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/x", "a/../../b", ".."})
    void part_of_a_volume_is_within_it(String subpath) {
        EngineError error = assertThrows(
                EngineError.BadParameter.class,
                () -> parse(
                        "{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'Subpath':'" + subpath + "'}}"));

        assertEquals(
                "invalid mount config for type \"volume\": subpath must be a relative path within the volume",
                error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "x/y", "a/../b", "./x", "..x"})
    void part_of_a_volume(String subpath) {
        PlannedMount mount =
                parse("{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'Subpath':'" + subpath + "'}}");

        assertEquals(subpath, mount.toSpec().extent().part());
    }

    @Test
    void anonymous_volume_has_no_parts() {
        EngineError error = assertThrows(
                EngineError.BadParameter.class,
                () -> parse("{'Type':'volume','Target':'/b','VolumeOptions':{'Subpath':'x'}}"));

        assertEquals(
                "invalid mount config for type \"volume\": must not set Subpath when using anonymous volumes",
                error.getMessage());
    }

    @Test
    void extent_of_a_bind() {
        PlannedMount mount = parse("{'Type':'bind','Source':'/a','Target':'/b','ReadOnly':true,"
                + "'BindOptions':{'NonRecursive':true,'ReadOnlyForceRecursive':true}}");

        assertEquals(new MountSpec.Extent(true, false, true, ""), mount.toSpec().extent());
        assertEquals(
                "mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive",
                assertThrows(
                                EngineError.BadParameter.class,
                                () -> parse("{'Type':'bind','Source':'/a','Target':'/b',"
                                        + "'BindOptions':{'ReadOnlyNonRecursive':true}}"))
                        .getMessage());
    }
}
