package dev.gantry.container.request;

import dev.gantry.engine.EngineError;

/** Rows and columns of a terminal, 0 to 65535. */
public record TerminalSize(int height, int width) {
    private static final int MAX = 65535;

    public static TerminalSize parse(String height, String width) {
        return new TerminalSize(number("h", height), number("w", width));
    }

    private static int number(String name, String text) {
        if (text == null || !text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MAX) {
            throw new EngineError.BadParameter("invalid resize " + (name.equals("h") ? "height" : "width") + " \""
                    + (text == null ? "" : text) + "\": invalid syntax");
        }
        return Integer.parseInt(text);
    }
}
