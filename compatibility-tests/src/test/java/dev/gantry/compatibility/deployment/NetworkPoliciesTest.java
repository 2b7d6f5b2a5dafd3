package dev.gantry.compatibility.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.deployment.Manifests.Workload;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may talk to whom: the arrows of ARCHITECTURE.md, each allowed at both ends, and no other. */
class NetworkPoliciesTest {
    /** Ports between services, to databases and brokers; both ends are pods here. */
    private static final List<String> INSIDE = List.of(
            "gateway > image-service:9322",
            "gateway > container-service:9322",
            "gateway > network-service:9322",
            "gateway > event-service:9322",
            "gateway > cluster-service:9322",
            "image-service > container-service:9322",
            "container-service > image-service:9322",
            "container-service > network-service:9322",
            "container-service > cluster-service:9322",
            "network-service > container-service:9322",
            "network-service > cluster-service:9322",
            "cluster-service > container-service:9322");

    private static final List<String> BETWEEN_SERVERS_OF_OPERATORS = List.of(
            "postgres > postgres:5432",
            "postgres > postgres:8000",
            "kafka > kafka:9090",
            "kafka > kafka:9091",
            "kafka > entity-operator:9090",
            "kafka > entity-operator:9091",
            "entity-operator > kafka:9090",
            "entity-operator > kafka:9091",
            "entity-operator > entity-operator:9090",
            "entity-operator > entity-operator:9091");

    private static final List<String> OUT = List.of(
            "container-service > 192.0.2.0/24:9323",
            "network-service > 192.0.2.0/24:9323",
            "gateway > world:443",
            "image-service > world:443",
            "gateway > world6:443",
            "image-service > world6:443");

    private static final List<String> IN = List.of(
            "anybody > gateway:2376",
            "192.0.2.0/24 > cluster-service:9322",
            "192.0.2.0/24 > container-service:9322",
            "192.0.2.0/24 > image-service:9322");

    @ParameterizedTest
    @EnumSource
    void nobody_may_do_what_no_policy_says(Overlay overlay) {
        List<NetworkPolicy> all = overlay.manifests().all(NetworkPolicy.class).stream()
                .filter(it -> it.getSpec().getPodSelector().equals(new LabelSelector())
                        && it.getSpec().getIngress().isEmpty()
                        && it.getSpec().getEgress().isEmpty())
                .toList();

        assertEquals(1, all.size());
        assertEquals(List.of("Ingress", "Egress"), all.getFirst().getSpec().getPolicyTypes());
        for (NetworkPolicy policy : overlay.manifests().all(NetworkPolicy.class)) {
            assertTrue(
                    pods(overlay).values().stream()
                            .anyMatch(
                                    labels -> Manifests.selects(policy.getSpec().getPodSelector(), labels)),
                    () -> policy.getMetadata().getName() + " is for no pod");
            if (!policy.equals(all.getFirst())) {
                List<String> types = policy.getSpec().getPolicyTypes();
                assertEquals(
                        types.contains("Ingress"),
                        !policy.getSpec().getIngress().isEmpty());
                assertEquals(
                        types.contains("Egress"), !policy.getSpec().getEgress().isEmpty());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void every_edge_is_allowed_at_both_ends(Overlay overlay) {
        boolean small = overlay == Overlay.SMALL;
        Set<String> expected = new TreeSet<>(INSIDE);
        for (String service : Project.SERVICES) {
            expected.add(service + " > postgres:5432");
            expected.add(service + " > kafka:" + (small ? 9092 : 9093));
        }
        expected.addAll(small ? List.of("kafka > kafka:9092", "kafka > kafka:9093") : BETWEEN_SERVERS_OF_OPERATORS);

        assertEquals(expected, edges(overlay, false, true));
        assertEquals(expected, edges(overlay, true, true));
    }

    @ParameterizedTest
    @EnumSource
    void outside_there_are_clients_hosts_registries_names_and_figures(Overlay overlay) {
        Set<String> out = new TreeSet<>(OUT);
        Set<String> in = new TreeSet<>(IN);
        for (String pod : pods(overlay).keySet()) {
            out.add(pod + " > kube-system:53");
            if (Project.PARTS.contains(pod)) {
                in.add("monitoring > " + pod + ":9321");
            }
        }
        if (overlay == Overlay.PRODUCTION) {
            for (String server : List.of("postgres", "kafka", "entity-operator")) {
                out.addAll(List.of(server + " > anybody:443", server + " > anybody:6443"));
            }
            in.addAll(List.of("cnpg-system > postgres:5432", "cnpg-system > postgres:8000"));
        }

        assertEquals(out, edges(overlay, true, false));
        assertEquals(in, edges(overlay, false, false));
    }

    /** Pods that policies are for, by name, and their labels; those of operators as these label them. */
    private static Map<String, Map<String, String>> pods(Overlay overlay) {
        Map<String, Map<String, String>> pods = new TreeMap<>();
        for (Workload workload : overlay.manifests().workloads()) {
            // On its host's network policies do not hold.
            if (!Boolean.TRUE.equals(workload.pod().getHostNetwork())) {
                pods.put(workload.name(), workload.labels());
            }
        }
        for (var cluster : overlay.manifests().all(Operators.Cluster.class)) {
            pods.put("postgres", Map.of("cnpg.io/cluster", cluster.metadata().getName()));
        }
        for (var kafka : overlay.manifests().all(Operators.Kafka.class)) {
            String name = kafka.metadata().getName();
            pods.put("kafka", Map.of("strimzi.io/cluster", name, "strimzi.io/name", name + "-kafka"));
            pods.put(
                    "entity-operator",
                    Map.of("strimzi.io/cluster", name, "strimzi.io/name", name + "-entity-operator"));
        }
        return pods;
    }

    /** @param inside whether the other end is to be a pod of the manifests */
    private static Set<String> edges(Overlay overlay, boolean egress, boolean inside) {
        Map<String, Map<String, String>> pods = pods(overlay);
        Set<String> edges = new TreeSet<>();
        for (NetworkPolicy policy : overlay.manifests().all(NetworkPolicy.class)) {
            Stream<Rule> rules = egress
                    ? policy.getSpec().getEgress().stream().map(rule -> new Rule(rule.getTo(), rule.getPorts()))
                    : policy.getSpec().getIngress().stream().map(rule -> new Rule(rule.getFrom(), rule.getPorts()));
            for (Rule rule : rules.toList()) {
                assertTrue(!rule.ports().isEmpty(), () -> policy.getMetadata().getName() + " allows every port");
                for (String pod : matching(policy.getSpec().getPodSelector(), pods)) {
                    for (String other : others(rule, pods, inside)) {
                        for (NetworkPolicyPort port : rule.ports()) {
                            edges.add((egress ? pod + " > " + other : other + " > " + pod) + ":"
                                    + port.getPort().getIntVal());
                        }
                    }
                }
            }
        }
        return edges;
    }

    private record Rule(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {}

    private static Set<String> others(Rule rule, Map<String, Map<String, String>> pods, boolean inside) {
        Set<String> others = new TreeSet<>();
        if (rule.peers().isEmpty() && !inside) {
            others.add("anybody");
        }
        for (NetworkPolicyPeer peer : rule.peers()) {
            boolean here = peer.getIpBlock() == null && peer.getNamespaceSelector() == null;
            if (here && inside) {
                others.addAll(matching(peer.getPodSelector(), pods));
            } else if (!here && !inside) {
                others.add(outside(peer));
            }
        }
        return others;
    }

    private static String outside(NetworkPolicyPeer peer) {
        IPBlock block = peer.getIpBlock();
        if (block == null) {
            String namespace = peer.getNamespaceSelector().getMatchLabels().get("kubernetes.io/metadata.name");
            assertEquals(namespace.equals("kube-system"), peer.getPodSelector() != null, namespace);
            return namespace;
        }
        return switch (block.getCidr()) {
            case "0.0.0.0/0" -> {
                assertTrue(block.getExcept().containsAll(List.of("10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16")));
                yield "world";
            }
            case "::/0" -> {
                assertEquals(List.of("fc00::/7", "fe80::/10"), block.getExcept());
                yield "world6";
            }
            default -> block.getCidr();
        };
    }

    private static List<String> matching(LabelSelector selector, Map<String, Map<String, String>> pods) {
        return pods.entrySet().stream()
                .filter(pod -> Manifests.selects(selector, pod.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
