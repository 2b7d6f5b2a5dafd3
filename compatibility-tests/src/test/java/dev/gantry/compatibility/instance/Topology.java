package dev.gantry.compatibility.instance;

/** How the services are spread over processes: the values of {@code gantry.processes}. */
enum Topology {
    /** Services, gateway, PostgreSQL and Kafka in one, the agent in another. */
    TOGETHER("together"),
    /** Each of them is one. */
    SEPARATE("separate");

    private final String setting;

    Topology(String setting) {
        this.setting = setting;
    }

    String setting() {
        return setting;
    }
}
