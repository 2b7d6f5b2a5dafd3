package dev.gantry.embedded.kafka;

import dev.gantry.embedded.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A broker that can be killed: in a process of its own. */
record BrokerProcess(Process process, Map<String, Object> access) {
    /** Argument: its directory. Prints its address once it answers, and stays. */
    public static void main(String... args) throws InterruptedException {
        EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(args[0]), Durability.DURABLE);
        System.out.println("serving " + kafka.bootstrapServers());
        new CountDownLatch(1).await();
    }

    static BrokerProcess start(Path directory) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerProcess.class.getName(),
                        directory.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("serving ")) {
                String secret = Files.readString(directory.resolve("password")).strip();
                return new BrokerProcess(
                        process,
                        Map.of(
                                "bootstrap.servers", line.substring("serving ".length()),
                                "security.protocol", "SASL_PLAINTEXT",
                                "sasl.mechanism", ScramCredentials.MECHANISM.mechanismName(),
                                "sasl.jaas.config", KafkaSettings.login(secret)));
            }
        }
        throw new IOException("the broker did not start");
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
