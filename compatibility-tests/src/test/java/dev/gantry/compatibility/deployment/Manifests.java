package dev.gantry.compatibility.deployment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rendered manifests as the API's types have them. A field that a type does not have is refused, as is any other kind. */
final class Manifests {
    private static final Map<String, Class<?>> KINDS = Stream.of(
                    ConfigMap.class,
                    Namespace.class,
                    PersistentVolumeClaim.class,
                    Service.class,
                    ServiceAccount.class,
                    DaemonSet.class,
                    Deployment.class,
                    StatefulSet.class,
                    HorizontalPodAutoscaler.class,
                    NetworkPolicy.class,
                    PodDisruptionBudget.class,
                    Operators.Certificate.class,
                    Operators.Cluster.class,
                    Operators.Issuer.class,
                    Operators.Kafka.class,
                    Operators.KafkaNodePool.class,
                    Operators.KafkaUser.class,
                    Operators.ServiceMonitor.class)
            .collect(Collectors.toMap(Class::getSimpleName, kind -> kind));

    private static final Set<String> VERSIONS = Set.of(
            "v1",
            "apps/v1",
            "autoscaling/v2",
            "networking.k8s.io/v1",
            "policy/v1",
            "cert-manager.io/v1",
            "kafka.strimzi.io/v1",
            "monitoring.coreos.com/v1",
            "postgresql.cnpg.io/v1");

    private static final ObjectMapper STRICT = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                /** The types would take whatever else there is into a map. */
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .build();

    private final List<Object> documents;

    private Manifests(List<Object> documents) {
        this.documents = documents;
    }

    /** @throws IllegalArgumentException for what is not in a type; the message has the path to it */
    static Manifests parse(String yaml) {
        List<Object> documents = new ArrayList<>();
        try (var values = STRICT.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
            while (values.hasNextValue()) {
                documents.add(typed(values.nextValue()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Manifests(documents);
    }

    private static Object typed(JsonNode document) {
        String kind = document.path("kind").asText();
        String version = document.path("apiVersion").asText();
        if (!KINDS.containsKey(kind) || !VERSIONS.contains(version)) {
            throw new IllegalArgumentException("there is no " + kind + " of " + version + " here");
        }
        try {
            return STRICT.treeToValue(document, KINDS.get(kind));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(kind + ": " + e.getMessage(), e);
        }
    }

    <T> List<T> all(Class<T> kind) {
        return documents.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** What makes pods. */
    record Workload(String kind, String name, LabelSelector selector, PodTemplateSpec template, Object document) {
        Map<String, String> labels() {
            return template.getMetadata().getLabels();
        }

        PodSpec pod() {
            return template.getSpec();
        }

        /** Each pod has one, and no other. */
        Container container() {
            if (pod().getContainers().size() != 1 || !pod().getInitContainers().isEmpty()) {
                throw new AssertionError(name + " has more than one container");
            }
            return pod().getContainers().getFirst();
        }

        boolean isPart() {
            return Project.PARTS.contains(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    List<Workload> workloads() {
        List<Workload> workloads = new ArrayList<>();
        for (Deployment it : all(Deployment.class)) {
            workloads.add(new Workload(
                    "Deployment",
                    it.getMetadata().getName(),
                    it.getSpec().getSelector(),
                    it.getSpec().getTemplate(),
                    it));
        }
        for (DaemonSet it : all(DaemonSet.class)) {
            workloads.add(new Workload(
                    "DaemonSet",
                    it.getMetadata().getName(),
                    it.getSpec().getSelector(),
                    it.getSpec().getTemplate(),
                    it));
        }
        for (StatefulSet it : all(StatefulSet.class)) {
            workloads.add(new Workload(
                    "StatefulSet",
                    it.getMetadata().getName(),
                    it.getSpec().getSelector(),
                    it.getSpec().getTemplate(),
                    it));
        }
        return workloads;
    }

    List<Workload> parts() {
        return workloads().stream().filter(Workload::isPart).toList();
    }

    Workload workload(String name) {
        return workloads().stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException(name));
    }

    /** Variables of a container, those of its ConfigMaps included; empty where a value is not in the manifests. */
    Map<String, String> environment(Container container) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (EnvFromSource source : container.getEnvFrom()) {
            if (source.getConfigMapRef() == null) {
                throw new AssertionError(container.getImage() + " has variables of something else than a ConfigMap");
            }
            variables.putAll(configMap(source.getConfigMapRef().getName()).getData());
        }
        for (EnvVar variable : container.getEnv()) {
            variables.put(variable.getName(), variable.getValue() == null ? "" : variable.getValue());
        }
        return variables;
    }

    ConfigMap configMap(String name) {
        return all(ConfigMap.class).stream()
                .filter(it -> it.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no ConfigMap " + name));
    }

    static boolean selects(LabelSelector selector, Map<String, String> labels) {
        Map<String, String> wanted = selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels();
        Collection<LabelSelectorRequirement> expressions = selector.getMatchExpressions();
        return labels.entrySet().containsAll(wanted.entrySet())
                && expressions.stream().allMatch(it -> {
                    if (!it.getOperator().equals("In")) {
                        throw new AssertionError("nobody wrote what " + it.getOperator() + " means");
                    }
                    return it.getValues().contains(labels.get(it.getKey()));
                });
    }

    static boolean selects(Map<String, String> selector, Map<String, String> labels) {
        return labels.entrySet().containsAll(selector.entrySet());
    }
}
