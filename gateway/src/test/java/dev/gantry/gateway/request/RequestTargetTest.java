package dev.gantry.gateway.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;

class RequestTargetTest {
    @Test
    void characters_that_should_have_been_escaped_are() {
        RequestTarget target = RequestTarget.of(
                "/containers/\"{a|b^c\\d<e>`;f\u00c3\u00a9/json",
                "filters={\"name\":[\"a|b^c\\d<e>`\"]}&x=\u00c3\u00a9");

        assertEquals("/containers/%22%7Ba%7Cb%5Ec%5Cd%3Ce%3E%60%3Bf%C3%A9/json", target.path());
        assertEquals("filters=%7B%22name%22:%5B%22a%7Cb%5Ec%5Cd%3Ce%3E%60%22%5D%7D&x=%C3%A9", target.query());
    }

    @Test
    void what_is_escaped_already_stays() {
        RequestTarget target = RequestTarget.of("/images/a%2Fb/json", "a=%7B%22x%22%7D+y&&=");

        assertEquals("/images/a%2Fb/json", target.path());
        assertEquals("a=%7B%22x%22%7D+y&&=", target.query());
    }

    @Test
    void half_an_escape_in_a_path_is_no_request() {
        for (String path :
                new String[] {"/containers/%zz/json", "/containers/%", "/a%4/b", "containers/json", "*", ""}) {
            assertEquals(
                    "400 Bad Request",
                    assertThrows(Malformed.class, () -> RequestTarget.of(path, null))
                            .getMessage());
        }
    }

    @Test
    void query_that_go_does_not_parse_is_refused_in_its_words() {
        assertEquals("invalid URL escape \"%zz\"", refusal("all=%zz"));
        assertEquals("invalid URL escape \"%\"", refusal("all=%"));
        assertEquals("invalid semicolon separator in query", refusal("all=1;limit=2"));
    }

    @Test
    void roundabout_paths_are_sent_elsewhere_with_their_query() {
        assertEquals("/containers/json?all=1", elsewhere("/containers//json", "all=1"));
        assertEquals("/info", elsewhere("/containers/../info", null));
        assertEquals("/internal/x", elsewhere("/images/%2e%2e/internal/x", null));
        assertEquals("/containers/json", elsewhere("//containers/./json", null));
        assertEquals("/a%0D%0Ab", elsewhere("//a%0d%0ab", null));
    }

    @Test
    void nul_is_in_no_path() {
        assertThrows(EngineError.NotFound.class, () -> RequestTarget.of("/containers/a%00b/json", null));
    }

    private static String refusal(String query) {
        return assertThrows(EngineError.BadParameter.class, () -> RequestTarget.of("/containers/json", query))
                .getMessage();
    }

    private static String elsewhere(String path, String query) {
        return assertThrows(Moved.class, () -> RequestTarget.of(path, query)).location;
    }
}
