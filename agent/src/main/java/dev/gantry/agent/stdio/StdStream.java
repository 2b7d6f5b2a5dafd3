package dev.gantry.agent.stdio;

/** An output stream, with its number in Docker's frames. conmon's number is one higher. */
public enum StdStream {
    STDOUT(1),
    STDERR(2);

    /** Length of a frame's header. */
    static final int HEADER = 8;

    private final int number;

    StdStream(int number) {
        this.number = number;
    }

    /** First byte of a frame's header. */
    public int number() {
        return number;
    }

    /** The stream of a packet from conmon, by its first byte. */
    static StdStream ofPacket(int type) {
        return type == 3 ? STDERR : STDOUT;
    }
}
