package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The option {@code tag}: a template of Go's, of which fields are understood, and none of its language. */
final class LogTag {
    private static final Pattern ACTION = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("\\s*\\.(\\w+)\\s*");

    private LogTag() {}

    /** @throws EngineError.NotSupported for an action that is no field */
    static void check(String template) {
        Matcher action = ACTION.matcher(template);
        while (action.find()) {
            if (!FIELD.matcher(action.group(1)).matches()) {
                throw new EngineError.NotSupported(
                        "in the log option tag only fields are supported: {{" + action.group(1) + "}}");
            }
        }
    }

    /** @throws EngineError.BadParameter in Go's words for what is no template or names no field */
    static String expand(String template, LoggedContainer container) {
        StringBuilder result = new StringBuilder();
        Matcher action = ACTION.matcher(template);
        while (action.find()) {
            Matcher field = FIELD.matcher(action.group(1));
            String value = field.matches() ? container.field(field.group(1)) : null;
            if (value == null) {
                String name = action.group(1).strip();
                throw new EngineError.BadParameter("template: log-tag:1:"
                        + (action.start(1) + action.group(1).indexOf('.'))
                        + ": executing \"log-tag\" at <" + name + ">: can't evaluate field "
                        + name.substring(Math.min(1, name.length())) + " in type *logger.Info");
            }
            action.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        int rest = result.length();
        action.appendTail(result);
        if (result.indexOf("{{", rest) >= 0) {
            throw new EngineError.BadParameter("template: log-tag:1: unclosed action");
        }
        return result.toString();
    }
}
