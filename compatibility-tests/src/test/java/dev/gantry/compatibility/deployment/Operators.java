package dev.gantry.compatibility.deployment;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;

/** What the manifests use of others' resources, as their documentation spells it: cert-manager, Prometheus, CloudNativePG, Strimzi. */
final class Operators {
    private Operators() {}

    record Type(String type) {}

    record Certificate(String apiVersion, String kind, ObjectMeta metadata, Certificate.Spec spec) {
        record Spec(
                boolean isCA,
                String secretName,
                String commonName,
                List<String> dnsNames,
                String duration,
                String renewBefore,
                PrivateKey privateKey,
                List<String> usages,
                IssuerRef issuerRef,
                List<Type> additionalOutputFormats) {}

        record PrivateKey(String algorithm, int size, String encoding, String rotationPolicy) {}

        record IssuerRef(String group, String kind, String name) {}
    }

    record Issuer(String apiVersion, String kind, ObjectMeta metadata, Issuer.Spec spec) {
        record Spec(Map<String, Object> selfSigned, Ca ca) {}

        record Ca(String secretName) {}
    }

    record ServiceMonitor(String apiVersion, String kind, ObjectMeta metadata, ServiceMonitor.Spec spec) {
        record Spec(String jobLabel, LabelSelector selector, List<String> podTargetLabels, List<Endpoint> endpoints) {}

        record Endpoint(String port, String path, String interval) {}
    }

    record Cluster(String apiVersion, String kind, ObjectMeta metadata, Cluster.Spec spec) {
        record Spec(
                int instances,
                Bootstrap bootstrap,
                Postgresql postgresql,
                Affinity affinity,
                Cluster.Storage storage,
                ResourceRequirements resources) {}

        record Bootstrap(Initdb initdb) {}

        record Initdb(String database, String owner, LocalObjectReference secret) {}

        record Postgresql(Synchronous synchronous, Map<String, String> parameters) {}

        record Synchronous(String method, int number) {}

        record Affinity(String podAntiAffinityType) {}

        record Storage(String size) {}
    }

    record KafkaNodePool(String apiVersion, String kind, ObjectMeta metadata, KafkaNodePool.Spec spec) {
        record Spec(
                int replicas,
                List<String> roles,
                KafkaNodePool.Storage storage,
                ResourceRequirements resources,
                Template template) {}

        record Storage(String type, List<Volume> volumes) {}

        record Volume(int id, String type, String size, String kraftMetadata, boolean deleteClaim) {}

        record Template(Pod pod) {}

        record Pod(List<TopologySpreadConstraint> topologySpreadConstraints) {}
    }

    record Kafka(String apiVersion, String kind, ObjectMeta metadata, Kafka.Spec spec) {
        record Spec(Brokers kafka, EntityOperator entityOperator) {}

        record Brokers(
                String version,
                String metadataVersion,
                List<Listener> listeners,
                Type authorization,
                Map<String, Object> config) {}

        record Listener(
                String name, int port, String type, boolean tls, Type authentication, List<Peer> networkPolicyPeers) {}

        record Peer(LabelSelector podSelector) {}

        record EntityOperator(Map<String, Object> userOperator) {}
    }

    record KafkaUser(String apiVersion, String kind, ObjectMeta metadata, KafkaUser.Spec spec) {
        record Spec(Type authentication, Authorization authorization) {}

        record Authorization(String type, List<Acl> acls) {}

        record Acl(Resource resource, List<String> operations) {}

        record Resource(String type, String name, String patternType) {}
    }
}
