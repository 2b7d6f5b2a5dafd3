package dev.gantry.container.query;

import dev.gantry.engine.EngineError;

/** A value of the filters {@code expose} and {@code publish}: {@code 80}, {@code 80/udp} or {@code 8000-8010/tcp}. */
record PortFilter(int first, int last, String protocol) {
    private static final int MAX = 65_535;

    /** @throws EngineError.Failed for what is no port, as dockerd has it */
    static PortFilter parse(String key, String text) {
        if (text.contains(":")) {
            throw new EngineError.Failed("filter for '" + key + "' should not contain ':': " + text);
        }
        String[] parts = text.split("/", -1);
        try {
            String[] ports = parts[0].split("-", -1);
            if (parts[0].isEmpty()) {
                throw new NotPorts("Empty string specified for ports.");
            }
            int first = number(ports[0]);
            int last = ports.length == 1 ? first : number(ports[1]);
            if (last < first) {
                throw new NotPorts("Invalid range specified for the Port: " + parts[0]);
            }
            return new PortFilter(first, last, parts.length == 1 || parts[1].isEmpty() ? "tcp" : parts[1]);
        } catch (NotPorts e) {
            throw new EngineError.Failed("error while looking up for " + key + " " + text + ": " + e.getMessage());
        }
    }

    /** As Go's {@code strconv.ParseUint} reads 16 bits: a number that is too large is noticed before what follows it. */
    private static int number(String text) throws NotPorts {
        int number = 0;
        for (char digit : text.toCharArray()) {
            if (digit < '0' || digit > '9') {
                throw NotPorts.number(text, "invalid syntax");
            }
            number = number * 10 + digit - '0';
            if (number > MAX) {
                throw NotPorts.number(text, "value out of range");
            }
        }
        if (text.isEmpty()) {
            throw NotPorts.number(text, "invalid syntax");
        }
        return number;
    }

    private static final class NotPorts extends Exception {
        private static final long serialVersionUID = 1;

        NotPorts(String message) {
            super(message);
        }

        static NotPorts number(String text, String reason) {
            return new NotPorts("strconv.ParseUint: parsing \"" + text + "\": " + reason);
        }
    }

    boolean matches(int port, String portProtocol) {
        return port >= first && port <= last && protocol.equals(portProtocol);
    }
}
