package dev.gantry.compatibility.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.deployment.Manifests.Workload;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each pod may do, how it is watched, and where it keeps what. */
class PodsTest {
    private static final String INSTALLED = "/usr/lib/gantry";

    @ParameterizedTest
    @EnumSource
    void pods_have_no_rights_in_the_cluster(Overlay overlay) {
        Set<String> accounts = new TreeSet<>();
        for (ServiceAccount account : overlay.manifests().all(ServiceAccount.class)) {
            accounts.add(account.getMetadata().getName());
            assertEquals(false, account.getAutomountServiceAccountToken());
        }
        for (Workload workload : overlay.manifests().workloads()) {
            assertEquals(workload.name(), workload.pod().getServiceAccountName());
            assertTrue(accounts.contains(workload.name()));
            assertEquals(false, workload.pod().getAutomountServiceAccountToken(), workload.name());
            // Its variables would be refused as settings that nobody knows.
            assertEquals(false, workload.pod().getEnableServiceLinks(), workload.name());
        }
        assertEquals(overlay.manifests().workloads().size(), accounts.size());
    }

    @ParameterizedTest
    @EnumSource
    void all_but_the_agent_are_confined(Overlay overlay) {
        for (Workload workload : overlay.manifests().workloads()) {
            if (workload.name().equals("agent")) {
                continue;
            }
            PodSpec pod = workload.pod();
            PodSecurityContext context = pod.getSecurityContext();
            SecurityContext own = workload.container().getSecurityContext();
            String name = workload.name();

            assertEquals("RuntimeDefault", context.getSeccompProfile().getType(), name);
            assertEquals(false, own.getAllowPrivilegeEscalation(), name);
            assertEquals(true, own.getReadOnlyRootFilesystem(), name);
            assertEquals(List.of("ALL"), own.getCapabilities().getDrop(), name);
            assertNull(own.getPrivileged(), name);
            assertNull(own.getRunAsUser(), name);
            assertNull(pod.getHostNetwork(), name);
            assertNull(pod.getHostPID(), name);
            assertTrue(pod.getVolumes().stream().allMatch(volume -> volume.getHostPath() == null), name);
            if (name.equals("postgres")) {
                assertEquals(
                        Project.compose("docker-compose.yml").get("postgres").get("cap_add"),
                        own.getCapabilities().getAdd());
                continue;
            }
            long user = workload.isPart() ? imageUser() : 1000;
            assertEquals(true, context.getRunAsNonRoot(), name);
            assertEquals(user, context.getRunAsUser(), name);
            assertEquals(user, context.getRunAsGroup(), name);
            assertEquals(user, context.getFsGroup(), name);
            assertEquals(List.of(), own.getCapabilities().getAdd(), name);
        }
    }

    private static long imageUser() {
        return Long.parseLong(Project.found("^IMAGE_USER=(\\d+)", Project.text("launcher/images.sh"))
                .getFirst());
    }

    @ParameterizedTest
    @EnumSource
    void containers_have_limits_and_are_watched(Overlay overlay) {
        for (Workload workload : overlay.manifests().workloads()) {
            Container container = workload.container();
            for (String resource : List.of("cpu", "memory")) {
                assertTrue(container.getResources().getLimits().containsKey(resource), workload.name());
                assertTrue(container.getResources().getRequests().containsKey(resource), workload.name());
            }
            Map<String, Probe> probes = new TreeMap<>();
            probes.put("started", container.getStartupProbe());
            probes.put("live", container.getLivenessProbe());
            probes.put("ready", container.getReadinessProbe());
            probes.forEach((word, probe) -> {
                assertNotNull(probe, () -> workload + " is not asked whether it is " + word);
                if (workload.isPart()) {
                    assertEquals(question(workload.name(), word), question(probe), workload.name());
                }
            });
        }
    }

    private static String question(String part, String word) {
        if (!part.equals("agent")) {
            return "health /q/health/" + word;
        }
        String socket = " --unix-socket /run/gantry/agent.sock http://agent/q/health/";
        return word.equals("ready")
                ? INSTALLED + "/health"
                : "/usr/bin/curl -fs --max-time 4 -o /dev/null" + socket + word;
    }

    private static String question(Probe probe) {
        return probe.getHttpGet() == null
                ? String.join(" ", probe.getExec().getCommand())
                : probe.getHttpGet().getPort().getStrVal() + " "
                        + probe.getHttpGet().getPath();
    }

    @ParameterizedTest
    @EnumSource
    void each_part_is_spread_by_itself(Overlay overlay) {
        for (Workload part : overlay.manifests().parts()) {
            if (part.kind().equals("Deployment")) {
                List<TopologySpreadConstraint> spread = part.pod().getTopologySpreadConstraints();
                assertEquals(
                        List.of("kubernetes.io/hostname", "topology.kubernetes.io/zone"),
                        spread.stream()
                                .map(TopologySpreadConstraint::getTopologyKey)
                                .toList());
                for (TopologySpreadConstraint constraint : spread) {
                    assertTrue(Manifests.selects(constraint.getLabelSelector(), part.labels()));
                    assertEquals(List.of("app.kubernetes.io/name"), constraint.getMatchLabelKeys());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void parts_write_where_their_images_let_them(Overlay overlay) {
        String images = Project.text("launcher/images.sh");
        assertTrue(images.contains("mkdir -p /run/gantry /var/lib/gantry"));
        for (Workload part : overlay.manifests().parts()) {
            Map<String, Volume> volumes =
                    part.pod().getVolumes().stream().collect(Collectors.toMap(Volume::getName, volume -> volume));
            Set<String> mounted = new TreeSet<>();
            for (VolumeMount mount : part.container().getVolumeMounts()) {
                assertNotNull(volumes.remove(mount.getName()), () -> part + " has no volume " + mount.getName());
                if (!Boolean.TRUE.equals(mount.getReadOnly())) {
                    mounted.add(mount.getMountPath());
                }
            }
            Set<String> expected = new TreeSet<>(Set.of("/tmp", "/run/gantry"));
            switch (part.name()) {
                case "image-service" -> expected.add("/var/lib/gantry");
                case "agent" -> {
                    expected.remove("/tmp");
                    expected.addAll(Set.of("/var/lib/gantry", "/host", "/sys/fs/cgroup"));
                }
                default -> {}
            }
            assertEquals(Map.of(), volumes, part.name());
            assertEquals(expected, mounted, part.name());
        }
    }

    /** The same as the agent's container has by Compose. */
    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("unchecked")
    void agent_has_its_host(Overlay overlay) {
        Workload agent = overlay.manifests().workload("agent");
        Map<String, Object> compose = Project.compose("docker-compose.yml").get("agent");
        Map<String, String> byCompose = new TreeMap<>();
        for (Object volume : (List<Object>) compose.get("volumes")) {
            if (volume instanceof Map<?, ?> bind) {
                Object how = bind.get("bind") instanceof Map<?, ?> options ? options.get("propagation") : "private";
                byCompose.put(
                        path(bind.get("source")) + " " + path(bind.get("target")),
                        Map.of("rshared", "Bidirectional", "rslave", "HostToContainer", "private", "")
                                .get(how));
            }
        }
        Map<String, String> here = new TreeMap<>();
        for (VolumeMount mount : agent.container().getVolumeMounts()) {
            agent.pod().getVolumes().stream()
                    .filter(volume -> volume.getName().equals(mount.getName()) && volume.getHostPath() != null)
                    .forEach(volume -> here.put(
                            volume.getHostPath().getPath() + " " + mount.getMountPath(),
                            mount.getMountPropagation() == null ? "" : mount.getMountPropagation()));
        }

        assertEquals(byCompose, here);
        assertEquals(true, agent.pod().getHostNetwork());
        assertEquals(true, agent.pod().getHostPID());
        assertEquals("ClusterFirstWithHostNet", agent.pod().getDnsPolicy());
        assertEquals(Map.of("gantry.dev/host", "true"), agent.pod().getNodeSelector());
        assertEquals(true, agent.container().getSecurityContext().getPrivileged());
        Map<String, String> told = overlay.manifests().environment(agent.container());
        assertEquals("/host", told.get("GANTRY_AGENT_HOST_ROOT"));
        // What the image would have started, with a name that the certificate has.
        String images = Project.text("launcher/images.sh");
        String script = agent.container().getCommand().getLast();
        assertTrue(images.contains("Entrypoint: [\"/usr/bin/tini\", \"-s\", \"--\", \"\\($installed)/start\"]"));
        assertTrue(script.endsWith("exec /usr/bin/tini -s -- " + INSTALLED + "/start\n"), script);
        String address = Kubectl.run(
                "env",
                "HOST_IP=10.0.0.7",
                "DOMAIN=" + told.get("DOMAIN"),
                "/bin/bash",
                "-c",
                script.replaceAll("exec .*", "echo \\$GANTRY_AGENT_ADDRESS"));
        assertEquals("https://10-0-0-7.agent.gantry.svc.cluster.local:9323", address.strip());
        assertFalse(overlay.manifests().all(Operators.Certificate.class).stream()
                .filter(it -> it.metadata().getName().equals("agent")
                        && it.spec().dnsNames().equals(List.of("*." + told.get("DOMAIN"))))
                .toList()
                .isEmpty());
    }

    private static String path(Object text) {
        return text.toString().replaceAll("\\$\\{[A-Z_]+:-(.*?)}", "$1");
    }
}
