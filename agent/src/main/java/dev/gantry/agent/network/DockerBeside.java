package dev.gantry.agent.network;

import dev.gantry.agent.linux.Nftables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Gets our packets past a dockerd on the same host. It sets the policy of the chain FORWARD to DROP, and a packet must
 * be accepted by every base chain, so an accept of ours is not enough. The chain {@code DOCKER-USER} is the place that
 * dockerd leaves to others: one rule there accepts what our own table marked. See {@code docs/adr/0003-beside-dockerd.md}.
 */
final class DockerBeside {
    private static final Logger LOG = Logger.getLogger(DockerBeside.class);
    private static final String CHAIN = "DOCKER-USER";
    private static final Path LEGACY_TABLES = Path.of("/proc/net/ip_tables_names");
    private static final int PROGRAM_SECONDS = 20;

    private final Nftables nftables;
    private final List<String> rule;
    private final Map<String, String> seen = new HashMap<>();

    /** @param comment by which our rule is known */
    DockerBeside(Nftables nftables, String comment) {
        this.nftables = nftables;
        String mark = "0x" + Integer.toHexString(Ruleset.MARK);
        this.rule = List.of(
                "-m", "mark", "--mark", mark + "/" + mark, "-m", "comment", "--comment", comment, "-j", "ACCEPT");
    }

    /** Puts the rule where there is a dockerd's chain without it. Cheap when nothing changed. */
    synchronized void letThrough() throws IOException {
        Optional<String> modern = modernChain();
        if (modern.isEmpty()) {
            seen.remove("iptables-nft");
        } else if (!modern.get().equals(seen.get("iptables-nft"))) {
            ensure(program("iptables-nft", "iptables"));
            modernChain().ifPresent(text -> seen.put("iptables-nft", text));
        }
        if (hasLegacyFilter()) {
            ensure(program("iptables-legacy"));
        }
    }

    synchronized void remove() throws IOException {
        seen.clear();
        if (modernChain().isPresent()) {
            delete(program("iptables-nft", "iptables"));
        }
        if (hasLegacyFilter()) {
            delete(program("iptables-legacy"));
        }
    }

    private void ensure(Optional<String> iptables) throws IOException {
        if (iptables.isPresent()
                && run(iptables.get(), List.of("-S", CHAIN)) == 0
                && run(iptables.get(), with("-C")) != 0) {
            if (run(iptables.get(), with("-I")) == 0) {
                LOG.infof("a dockerd is beside: its chain %s lets our packets through now", CHAIN);
            } else {
                LOG.warnf("%s: could not add our rule to %s", iptables.get(), CHAIN);
            }
        }
    }

    private void delete(Optional<String> iptables) throws IOException {
        if (iptables.isPresent() && run(iptables.get(), with("-C")) == 0) {
            int ignored = run(iptables.get(), with("-D"));
        }
    }

    private List<String> with(String verb) {
        List<String> arguments = new ArrayList<>(List.of(verb, CHAIN));
        arguments.addAll(rule);
        return arguments;
    }

    /** The chain as text without its counters, if dockerd made it by iptables-nft. */
    private Optional<String> modernChain() {
        try {
            String text = nftables.run("list chain ip filter " + CHAIN + "\n");
            return Optional.of(text.replaceAll("packets \\d+ bytes \\d+", ""));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean hasLegacyFilter() throws IOException {
        return Files.isReadable(LEGACY_TABLES)
                && Files.readAllLines(LEGACY_TABLES).contains("filter");
    }

    private static Optional<String> program(String... names) {
        for (String name : names) {
            for (String directory : List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin")) {
                Path path = Path.of(directory, name);
                if (Files.isExecutable(path)) {
                    return Optional.of(path.toString());
                }
            }
        }
        return Optional.empty();
    }

    private static int run(String iptables, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(iptables, "-w"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(iptables + " does not end");
            }
            if (process.exitValue() != 0) {
                LOG.debugf("%s: %s", command, new String(output, StandardCharsets.UTF_8).strip());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
