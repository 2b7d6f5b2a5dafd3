package dev.gantry.compatibility.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.deployment.Manifests.Workload;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The manifests for Kubernetes: what the API takes, what the code knows, and whether one finds the other. */
class ManifestsTest {
    @Test
    void unknown_fields_kinds_and_versions_are_refused() {
        String service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 1}]}\n";

        assertEquals(1, Manifests.parse(service).all(Service.class).size());
        for (String wrong : List.of(
                service.replace("ports", "prots"),
                service.replace("port:", "prot:"),
                service.replace("name:", "nmae:"),
                service.replace("spec:", "sepc:"),
                service.replace("port: 1", "port: one"),
                service.replace("Service", "Servize"),
                service.replace("v1", "v2"))) {
            assertThrows(IllegalArgumentException.class, () -> Manifests.parse(wrong), wrong);
        }
    }

    @ParameterizedTest
    @EnumSource
    void all_parts_are_there_under_the_names_of_their_images(Overlay overlay) {
        Map<String, String> images = new TreeMap<>();
        for (Workload workload : overlay.manifests().workloads()) {
            images.put(workload.name(), workload.container().getImage());
        }

        Map<String, String> expected = new TreeMap<>();
        Project.PARTS.forEach(part -> expected.put(part, "gantry/" + part + ":" + Project.version()));
        if (overlay == Overlay.SMALL) {
            // As Compose has them.
            Map<String, Map<String, Object>> compose = Project.compose("docker-compose.yml");
            expected.put("postgres", standard(compose.get("postgres").get("image")));
            expected.put("kafka", standard(compose.get("kafka-1").get("image")));
        }
        assertEquals(expected, images);
    }

    @ParameterizedTest
    @EnumSource
    void parts_are_told_what_compose_tells_them(Overlay overlay) {
        Map<String, String> known = Project.variables();
        for (Workload part : overlay.manifests().parts()) {
            Set<String> told = new TreeSet<>(gantry(overlay.manifests().environment(part.container())));
            for (String line : part.container().getCommand()) {
                told.addAll(Project.found("(GANTRY_[A-Z_]+)=", line));
            }
            Map<String, String> byCompose = DeploymentFilesTest.environment(
                    Project.compose("docker-compose.yml").get(part.name()));

            assertTrue(known.keySet().containsAll(told), told::toString);
            Set<String> untold = new TreeSet<>(gantry(byCompose));
            assertTrue(untold.containsAll(told), () -> part + " is told more: " + told);
            untold.removeAll(told);
            // Compose has a variable of its own for it, and the code's standard value.
            untold.removeIf(name -> standard(byCompose.get(name)).equals(known.get(name)));
            assertEquals(Set.of(), untold, part.name());
        }
        // Nothing is in a ConfigMap that nobody is told.
        for (ConfigMap map : overlay.manifests().all(ConfigMap.class)) {
            assertTrue(known.keySet().containsAll(gantry(map.getData())), map.getData()::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ports_are_those_of_the_images(Overlay overlay) {
        for (Workload part : overlay.manifests().parts()) {
            Set<Integer> ports = part.container().getPorts().stream()
                    .map(ContainerPort::getContainerPort)
                    .collect(Collectors.toCollection(TreeSet::new));

            assertEquals(Project.ports(part.name()), ports, part.name());
        }
    }

    /** Every {@code https://NAME:PORT}, and the servers, that a part is told is a Service, or one that an operator makes. */
    @ParameterizedTest
    @EnumSource
    void addresses_lead_to_ports_of_services(Overlay overlay) {
        Set<String> served = new TreeSet<>(
                overlay == Overlay.PRODUCTION ? Set.of("postgres-rw:5432", "kafka-kafka-bootstrap:9093") : Set.of());
        for (Service service : overlay.manifests().all(Service.class)) {
            for (ServicePort port : service.getSpec().getPorts()) {
                served.add(service.getMetadata().getName() + ":" + port.getPort());
            }
        }
        Set<String> asked = new TreeSet<>();
        for (Workload part : overlay.manifests().parts()) {
            for (Map.Entry<String, String> variable :
                    overlay.manifests().environment(part.container()).entrySet()) {
                if (variable.getKey().endsWith("_BOOTSTRAP_SERVERS")) {
                    asked.add(variable.getValue());
                } else if (variable.getValue().contains("://")) {
                    asked.addAll(Project.found("://([^/]+)", variable.getValue()));
                }
            }
        }

        assertEquals(7, asked.size(), asked::toString);
        assertTrue(served.containsAll(asked), () -> asked + " of " + served);
    }

    @ParameterizedTest
    @EnumSource
    void selectors_find_the_pods_that_are_meant(Overlay overlay) {
        Manifests manifests = overlay.manifests();
        for (Workload workload : manifests.workloads()) {
            assertEquals(
                    List.of(workload),
                    manifests.workloads().stream()
                            .filter(it -> Manifests.selects(workload.selector(), it.labels()))
                            .toList());
        }
        for (Service service : manifests.all(Service.class)) {
            String name = service.getMetadata().getName();
            List<Workload> found = manifests.workloads().stream()
                    .filter(it -> Manifests.selects(service.getSpec().getSelector(), it.labels()))
                    .toList();
            if (name.equals("figures")) {
                assertEquals(Project.PARTS.size() - 1, found.size(), found::toString);
            } else {
                assertEquals(
                        List.of(name.replaceFirst("-\\d$", "")),
                        found.stream().map(Workload::name).toList());
            }
            for (Workload workload : found) {
                Set<String> names = workload.container().getPorts().stream()
                        .map(ContainerPort::getName)
                        .collect(Collectors.toSet());
                for (ServicePort port : service.getSpec().getPorts()) {
                    assertTrue(names.contains(port.getTargetPort().getStrVal()), () -> name + " of " + names);
                    assertEquals(
                            port.getPort(),
                            workload.container().getPorts().stream()
                                    .filter(it -> it.getName()
                                            .equals(port.getTargetPort().getStrVal()))
                                    .findFirst()
                                    .orElseThrow()
                                    .getContainerPort());
                }
            }
        }
        Set<String> kept = new TreeSet<>();
        for (PodDisruptionBudget budget : manifests.all(PodDisruptionBudget.class)) {
            manifests.workloads().stream()
                    .filter(it -> Manifests.selects(budget.getSpec().getSelector(), it.labels()))
                    .forEach(it -> kept.add(it.name()));
            // With one of them all could never be none, and no node be emptied.
            assertEquals(1, budget.getSpec().getMaxUnavailable().getIntVal());
        }
        Set<String> expected = new TreeSet<>(Project.PARTS);
        expected.remove("agent");
        assertEquals(expected, kept);
    }

    @ParameterizedTest
    @EnumSource
    void replicas_are_as_many_as_their_part_allows(Overlay overlay) {
        Map<String, Integer> replicas = new TreeMap<>();
        for (var deployment : overlay.manifests().all(io.fabric8.kubernetes.api.model.apps.Deployment.class)) {
            replicas.put(
                    deployment.getMetadata().getName(),
                    deployment.getSpec().getReplicas() == null
                            ? 0
                            : deployment.getSpec().getReplicas());
            if (deployment.getMetadata().getName().equals("image-service")) {
                assertEquals("Recreate", deployment.getSpec().getStrategy().getType());
            }
        }

        List<HorizontalPodAutoscaler> scalers = overlay.manifests().all(HorizontalPodAutoscaler.class);
        boolean small = overlay == Overlay.SMALL;
        int several = small ? 1 : 2;
        assertEquals(
                Map.of(
                        "image-service", 1,
                        "container-service", several,
                        "network-service", several,
                        "event-service", several,
                        "cluster-service", several,
                        // Otherwise each `apply` would undo what the autoscaler did.
                        "gateway", small ? 1 : 0),
                replicas);
        assertEquals(small ? 0 : 1, scalers.size());
        for (HorizontalPodAutoscaler scaler : scalers) {
            assertEquals("gateway", scaler.getSpec().getScaleTargetRef().getName());
            assertEquals(2, scaler.getSpec().getMinReplicas());
        }
    }

    @Test
    void prometheus_finds_the_figures_as_the_alerts_call_them() {
        Manifests manifests = Overlay.PRODUCTION.manifests();
        var monitor = manifests.all(Operators.ServiceMonitor.class).getFirst();
        List<Service> found = manifests.all(Service.class).stream()
                .filter(service -> service.getMetadata().getLabels() != null
                        && Manifests.selects(
                                monitor.spec().selector(), service.getMetadata().getLabels()))
                .toList();

        assertEquals(
                List.of("figures"),
                found.stream().map(it -> it.getMetadata().getName()).toList());
        var endpoint = monitor.spec().endpoints().getFirst();
        assertEquals("/q/metrics", endpoint.path());
        assertEquals(found.getFirst().getSpec().getPorts().getFirst().getName(), endpoint.port());
        assertTrue(Project.text("docs/observability/prometheus-rules.yaml")
                .contains("job=\""
                        + found.getFirst()
                                .getMetadata()
                                .getLabels()
                                .get(monitor.spec().jobLabel()) + "\""));
    }

    @Test
    void broker_is_started_as_by_compose() {
        String mounted = Overlay.SMALL.manifests().all(ConfigMap.class).stream()
                .filter(map -> map.getData().containsKey("kafka-start"))
                .findFirst()
                .orElseThrow()
                .getData()
                .get("kafka-start");

        assertEquals(Project.text("deploy/kafka-start"), mounted);
    }

    @Test
    void example_is_complete_and_goes_without_cert_manager(@TempDir Path directory) throws IOException {
        Path overlays = directory.toAbsolutePath();
        String example = Project.text("k8s/example/kustomization.yaml")
                .replace("../", overlays.relativize(Project.file("k8s")) + "/");
        Files.writeString(directory.resolve("kustomization.yaml"), example.replace("# components:", "components:"));

        Manifests with = Manifests.parse(Kubectl.render(Project.file("k8s/example")));
        Manifests without = Manifests.parse(Kubectl.render(directory));

        assertTrue(with.all(Operators.Certificate.class).stream()
                .anyMatch(it ->
                        it.spec().dnsNames() != null && it.spec().dnsNames().contains("gantry.example")));
        assertEquals(List.of(), without.all(Operators.Certificate.class));
        assertEquals(List.of(), without.all(Operators.Issuer.class));
        for (Manifests manifests : List.of(with, without)) {
            assertEquals(
                    Set.of(),
                    manifests.parts().stream()
                            .map(it -> it.container().getImage())
                            .filter(image -> !image.startsWith("registry.example/gantry/"))
                            .collect(Collectors.toSet()));
            assertFalse(manifests.all(NetworkPolicy.class).toString().contains("192.0.2."));
        }
    }

    private static List<String> gantry(Map<String, String> variables) {
        List<String> names = new ArrayList<>(variables.keySet());
        names.removeIf(name -> !name.startsWith("GANTRY_"));
        return names;
    }

    /** What Compose takes where the variable is not set. */
    private static String standard(Object value) {
        return value.toString().replaceAll("\\$\\{[A-Z_]+:-(.*?)}", "$1");
    }
}
