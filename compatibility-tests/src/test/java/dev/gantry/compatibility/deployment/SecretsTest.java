package dev.gantry.compatibility.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.deployment.Manifests.Workload;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Keys and passwords: by reference only, there when they are wanted, and where the settings say. */
class SecretsTest {
    private static final Set<String> OF_A_CERTIFICATE = Set.of("tls.crt", "tls.key", "ca.crt");

    /** What whoever installs, or Strimzi, makes. */
    private static final Map<String, Set<String>> OF_OTHERS = Map.of(
            "postgres-password", Set.of("username", "password"),
            "gantry-services", Set.of("user.crt", "user.key"),
            "kafka-cluster-ca-cert", Set.of("ca.crt"));

    @ParameterizedTest
    @EnumSource
    void variables_hold_no_secrets(Overlay overlay) {
        for (Workload workload : overlay.manifests().workloads()) {
            Container container = workload.container();
            // A Secret itself is among the kinds that the manifests must not have.
            for (EnvVar variable : container.getEnv()) {
                assertTrue(
                        variable.getValueFrom() == null
                                || variable.getValueFrom().getSecretKeyRef() == null,
                        variable.getName());
            }
            Set<String> told = overlay.manifests().environment(container).keySet();
            assertEquals(
                    Set.of(),
                    told.stream()
                            .filter(name -> name.matches(".*(PASSWORD|SECRET|TOKEN)"))
                            .collect(Collectors.toSet()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void secrets_are_made_by_somebody(Overlay overlay) {
        Map<String, Set<String>> made = new HashMap<>(OF_OTHERS);
        for (Operators.Certificate certificate : overlay.manifests().all(Operators.Certificate.class)) {
            Set<String> files = new TreeSet<>(OF_A_CERTIFICATE);
            if (certificate.spec().additionalOutputFormats() != null) {
                assertEquals(
                        "CombinedPEM",
                        certificate.spec().additionalOutputFormats().getFirst().type());
                files.add("tls-combined.pem");
            }
            made.put(certificate.spec().secretName(), files);
        }

        wanted(overlay).forEach((name, keys) -> {
            assertTrue(made.containsKey(name), () -> "nobody makes " + name);
            assertTrue(made.get(name).containsAll(keys), () -> name + " has no " + keys);
        });
    }

    @ParameterizedTest
    @EnumSource
    void settings_name_files_that_are_mounted(Overlay overlay) {
        for (Workload part : overlay.manifests().parts()) {
            Map<String, Set<String>> mounted = mounted(part);
            overlay.manifests().environment(part.container()).forEach((name, value) -> {
                if (value.startsWith("/etc/gantry/")) {
                    Path file = Path.of(value);
                    assertTrue(
                            mounted.getOrDefault(file.getParent().toString(), Set.of())
                                    .contains(file.getFileName().toString()),
                            () -> part + " is told " + name + "=" + value + ", and has " + mounted);
                }
            });
            assertTrue(mounted.get("/etc/gantry/tls").containsAll(OF_A_CERTIFICATE));
        }
    }

    @ParameterizedTest
    @EnumSource
    void certificates_say_who_they_are_for(Overlay overlay) {
        String services = Project.found("gateway\\) subject=(\\S+)", Project.text("launcher/images/authority"))
                .getFirst();
        for (Operators.Certificate certificate : overlay.manifests().all(Operators.Certificate.class)) {
            String name = certificate.metadata().getName();
            Operators.Certificate.Spec spec = certificate.spec();
            if (spec.isCA() || name.equals("client")) {
                continue;
            }
            boolean service = Project.PARTS.contains(name) && !name.equals("agent");

            assertEquals(service ? services : name, spec.commonName());
            assertEquals("peers", spec.issuerRef().name());
            assertTrue(spec.dnsNames().contains(name.equals("agent") ? "*.agent.gantry.svc.cluster.local" : name));
            assertEquals("PKCS8", spec.privateKey().encoding());
            assertTrue(spec.usages().containsAll(List.of("server auth", "client auth")));
        }
        for (Workload part : overlay.manifests().parts()) {
            assertEquals(
                    services, overlay.manifests().environment(part.container()).get("GANTRY_TLS_SERVICES"));
        }
    }

    @Test
    void without_cert_manager_a_script_makes_them_all(@TempDir Path directory) {
        Path kubectl = Kubectl.required();
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "files of root are made");

        String printed = Kubectl.run(
                "env",
                "KUBECTL=" + kubectl,
                Project.file("k8s/secrets").toString(),
                directory.resolve("keys").toString(),
                "gantry.example,10.0.0.1");

        Map<String, Set<String>> made = new TreeMap<>();
        for (Object document : StreamSupport.stream(
                        new Yaml(new SafeConstructor(new LoaderOptions()))
                                .loadAll(printed)
                                .spliterator(),
                        false)
                .filter(Map.class::isInstance)
                .toList()) {
            Map<?, ?> secret = (Map<?, ?>) document;
            Map<?, ?> metadata = (Map<?, ?>) secret.get("metadata");
            assertEquals("gantry", metadata.get("namespace"));
            made.put(
                    metadata.get("name").toString(),
                    ((Map<?, ?>) secret.get("data"))
                            .keySet().stream().map(Object::toString).collect(Collectors.toSet()));
        }
        Map<String, Set<String>> wanted = wanted(Overlay.SMALL);
        assertEquals(wanted.keySet(), made.keySet());
        wanted.forEach((name, keys) -> assertTrue(made.get(name).containsAll(keys), () -> name + " has no " + keys));
        String names = Kubectl.run(
                "openssl",
                "x509",
                "-noout",
                "-subject",
                "-ext",
                "subjectAltName",
                "-in",
                directory.resolve("keys/for/gateway/tls.crt").toString());
        assertTrue(names.contains("gantry-services") && names.contains("DNS:gantry.example"), names);
    }

    /** Secrets that pods mount, and of each what must be in it. */
    private static Map<String, Set<String>> wanted(Overlay overlay) {
        Map<String, Set<String>> wanted = new TreeMap<>();
        for (Workload workload : overlay.manifests().workloads()) {
            for (Volume volume : workload.pod().getVolumes()) {
                if (volume.getSecret() != null) {
                    assertEquals(0400, volume.getSecret().getDefaultMode());
                    add(
                            wanted,
                            volume.getSecret().getSecretName(),
                            volume.getSecret().getItems(),
                            workload);
                } else if (volume.getProjected() != null) {
                    assertEquals(0400, volume.getProjected().getDefaultMode());
                    for (VolumeProjection source : volume.getProjected().getSources()) {
                        add(
                                wanted,
                                source.getSecret().getName(),
                                source.getSecret().getItems(),
                                workload);
                    }
                }
            }
        }
        return wanted;
    }

    private static void add(Map<String, Set<String>> wanted, String name, List<KeyToPath> items, Workload workload) {
        Set<String> keys = wanted.computeIfAbsent(name, any -> new TreeSet<>());
        if (items.isEmpty()) {
            keys.addAll(OF_A_CERTIFICATE);
        }
        items.forEach(item -> keys.add(item.getKey()));
        if (workload.name().equals("kafka")) {
            keys.addAll(Project.found("/etc/gantry/tls/([a-z.-]+)", Project.text("deploy/kafka-start")));
        }
    }

    /** Files of Secrets by the directory that they are in. */
    private static Map<String, Set<String>> mounted(Workload part) {
        Map<String, Set<String>> mounted = new TreeMap<>();
        part.container().getVolumeMounts().forEach(mount -> part.pod().getVolumes().stream()
                .filter(volume -> volume.getName().equals(mount.getName()))
                .forEach(volume -> {
                    Set<String> files = new TreeSet<>();
                    if (volume.getSecret() != null) {
                        files.addAll(OF_A_CERTIFICATE);
                    } else if (volume.getProjected() != null) {
                        for (VolumeProjection source : volume.getProjected().getSources()) {
                            if (source.getSecret().getItems().isEmpty()) {
                                files.addAll(OF_A_CERTIFICATE);
                            }
                            source.getSecret().getItems().forEach(item -> files.add(item.getPath()));
                        }
                    }
                    if (!files.isEmpty()) {
                        assertEquals(true, mount.getReadOnly());
                    }
                    mounted.put(mount.getMountPath(), files);
                }));
        return mounted;
    }
}
