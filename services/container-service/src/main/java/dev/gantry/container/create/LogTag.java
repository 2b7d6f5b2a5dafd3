package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The option {@code tag}: a template of Go's. Its fields and the functions that dockerd gives it are understood, in pipelines
 * and brackets; conditions, loops and variables are not.
 */
final class LogTag {
    private static final Pattern ACTION = Pattern.compile(
            "\\{\\{(- )?((?:[^}\"`]|}(?!})|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)*?)( -)?}}", Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("/\\*.*\\*/", Pattern.DOTALL);
    /** Longer ones are no tags. */
    private static final int MOST = 4096;

    private LogTag() {}

    /** @throws EngineError.NotSupported for what Go knows and this does not */
    static void check(String template) {
        if (template.length() > MOST) {
            throw new EngineError.BadParameter("the log option tag is longer than " + MOST + " characters");
        }
        Matcher action = ACTION.matcher(template);
        while (action.find()) {
            if (!COMMENT.matcher(action.group(2).strip()).matches()) {
                TagExpression.check(action.group(2));
            }
        }
    }

    /** @throws EngineError.BadParameter in Go's words for what is no template or names no field */
    static String expand(String template, LoggedContainer container) {
        List<String> parts = new ArrayList<>();
        Matcher action = ACTION.matcher(template);
        int at = 0;
        boolean trim = false;
        while (action.find()) {
            String before = template.substring(at, action.start());
            before = trim ? before.stripLeading() : before;
            parts.add(action.group(1) == null ? before : before.stripTrailing());
            String text = action.group(2);
            parts.add(
                    COMMENT.matcher(text.strip()).matches()
                            ? ""
                            : TagExpression.evaluate(text, action.start(2), container));
            trim = action.group(3) != null;
            at = action.end();
        }
        String rest = template.substring(at);
        if (rest.contains("{{")) {
            throw new EngineError.BadParameter("template: log-tag:1: unclosed action");
        }
        parts.add(trim ? rest.stripLeading() : rest);
        return String.join("", parts);
    }
}
