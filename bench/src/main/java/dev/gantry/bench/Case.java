package dev.gantry.bench;

/**
 * One thing that is timed.
 *
 * @param name the row in the table
 * @param unit such as {@code ms}; smaller is better in all of them
 * @param rounds samples on each endpoint
 */
record Case(String name, String unit, int rounds, Work work) {

    /** Does the thing once and tells the figure; what it needs besides is prepared before its own clock starts. */
    @FunctionalInterface
    interface Work {
        double measure(Endpoint endpoint) throws Exception;
    }

    /** Milliseconds that a piece of work took. */
    static double milliseconds(Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        return (System.nanoTime() - start) / 1e6;
    }

    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }
}
