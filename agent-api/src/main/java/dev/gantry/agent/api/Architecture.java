package dev.gantry.agent.api;

/** Names of processor architectures: the kernel says {@code x86_64} and {@code aarch64}, Go and images otherwise. */
public final class Architecture {
    private Architecture() {}

    /** As images name it, from what uname(2), Java or an image says. */
    public static String ofImage(String name) {
        return switch (name) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            case "i386", "i686" -> "386";
            case "armv7l" -> "arm";
            default -> name;
        };
    }

    /** As uname(2) says it, from any of the others. */
    public static String ofKernel(String name) {
        return switch (name) {
            case "amd64", "x86-64" -> "x86_64";
            case "arm64" -> "aarch64";
            default -> name;
        };
    }
}
