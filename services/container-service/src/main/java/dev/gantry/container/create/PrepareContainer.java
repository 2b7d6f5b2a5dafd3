package dev.gantry.container.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.agent.api.Architecture;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.network.AskedNetworks;
import dev.gantry.container.network.WantedEndpoints;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeNames;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Decides everything about a new container without changing anything: validation, image, companions, host, mounts. */
@ApplicationScoped
public class PrepareContainer {
    /** Each is asked for by itself. */
    private static final int MOST_NETWORKS = 256;

    private final Images images;
    private final Networks networks;
    private final Companions companions;
    private final Hosts hosts;
    private final VolumeDrivers volumeDrivers;
    private final ConfiguredDefaults defaults;

    PrepareContainer(
            Images images,
            Networks networks,
            Companions companions,
            Hosts hosts,
            VolumeDrivers volumeDrivers,
            ConfiguredDefaults defaults) {
        this.images = images;
        this.networks = networks;
        this.companions = companions;
        this.hosts = hosts;
        this.volumeDrivers = volumeDrivers;
        this.defaults = defaults;
    }

    Uni<NewContainer> prepare(CreateRequest asked, String platform, ApiVersion version) {
        CreateRequest complete = asked.with(defaults.shown(asked.hostConfig()));
        CreateRequest understood = version.before(1, 44) ? complete.withoutStartInterval() : complete;
        ConfigRules.check(understood.config());
        HostConfigRules.check(understood.hostConfig(), understood.config());
        MountParser.checkVersion(understood.hostConfig().mounts(), version);
        CreateRequest request = MacAddressRules.apply(understood, version);
        checkEndpoints(request, version);
        if (request.config().image().isEmpty()) {
            // dockerd makes containers of no image, which have no files at all.
            throw new EngineError.BadParameter(
                    SpecBuilder.args(request.config()).isEmpty() ? "no command specified" : "no image specified");
        }
        List<String> warnings =
                MacAddressRules.isDeprecated(asked, version) ? List.of(MacAddressRules.DEPRECATED) : List.of();
        return images.resolve(request.config().image(), platform)
                .chain(image -> endpoints(request).chain(endpoints -> companions
                        .find(request.hostConfig())
                        .chain(found -> place(request, image, endpoints, found, platform, version))))
                .map(made -> made.warnedFirst(warnings));
    }

    /**
     * The networks by their names. Only network-service knows what they allow and which of them an id means; most
     * containers ask for nothing of the kind.
     */
    private Uni<Map<String, EndpointSettings>> endpoints(CreateRequest request) {
        String mode = request.hostConfig().networkMode();
        if (request.config().networkDisabled() && request.endpoints().isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        Map<String, EndpointSettings> asked = AskedNetworks.ofNew(mode, request.endpoints());
        Map<String, EndpointRequest> wanted = WantedEndpoints.of(asked);
        boolean ask = wanted.entrySet().stream()
                .anyMatch(one ->
                        AskedNetworks.mayBeId(one.getKey()) || one.getValue().asksForNames());
        return ask
                ? networks.check(wanted).map(known -> AskedNetworks.byName(asked, known))
                : Uni.createFrom().item(asked);
    }

    private static void checkEndpoints(CreateRequest request, ApiVersion version) {
        if (request.endpoints().size() > MOST_NETWORKS) {
            throw new EngineError.BadParameter("a container can be on %d networks at most".formatted(MOST_NETWORKS));
        }
        request.endpoints().forEach((network, asked) -> {
            try {
                AskedNetworks.check(asked);
            } catch (EngineError.BadParameter e) {
                throw new EngineError.BadParameter("invalid config for network " + network + ": " + e.getMessage());
            }
        });
        if (version.before(1, 44) && request.endpoints().size() > 1) {
            throw new EngineError.BadParameter("Container cannot be created with multiple network endpoints: "
                    + request.endpoints().keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
    }

    private Uni<NewContainer> place(
            CreateRequest request,
            ResolvedImage image,
            Map<String, EndpointSettings> endpoints,
            Companions.Found found,
            String platform,
            ApiVersion version) {
        String id = VolumeNames.generate();
        JsonNode imageConfig = image.config() == null ? JsonNodeFactory.instance.objectNode() : image.config();
        ContainerConfig merged = ImageDefaults.merge(request.config(), imageConfig, id.substring(0, 12));
        PortRules.checkNumber(merged.exposedPorts());
        Set<String> declared =
                merged.volumes() == null ? Set.of() : merged.volumes().keySet();
        MountPlan plan = new MountPlan(found.host(), declared, found.inherited());
        return mountedImages(plan).chain(() -> volumeDrivers.known(plan)).chain(volumes -> {
            Set<String> tied = new HashSet<>(found.hosts());
            tied.addAll(volumes.hosts());
            return hosts.place(tied)
                    .call(placed -> volumeDrivers.decide(plan, volumes, placed.description()))
                    .map(placed -> {
                        HostDescription host = placed.description();
                        ResourceRules.checkOn(host, found.host());
                        HostConfig hostConfig = HostDefaults.fill(found.host(), host, version);
                        return new NewContainer(
                                id,
                                UUID.randomUUID(),
                                host,
                                image,
                                hostname(merged, request.config(), hostConfig, imageConfig, host, found.network()),
                                hostConfig,
                                defaults.done(hostConfig),
                                endpoints,
                                plan,
                                found.links(),
                                warnings(found.host(), image, host, platform));
                    });
        });
    }

    /** In the host's network or UTS namespace a container has the host's name, in another container's network that one's. */
    private static ContainerConfig hostname(
            ContainerConfig merged,
            ContainerConfig asked,
            HostConfig config,
            JsonNode image,
            HostDescription host,
            ContainerConfig shared) {
        if (shared != null) {
            return ImageDefaults.merge(asked, image, shared.hostname());
        }
        if (!asked.hostname().isEmpty()) {
            return merged;
        }
        boolean hosts = config.networkMode().equals("host") || config.utsMode().equals("host");
        return hosts ? ImageDefaults.merge(asked, image, host.name()) : merged;
    }

    private Uni<Void> mountedImages(MountPlan plan) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (String reference : plan.images()) {
            all = all.chain(() -> images.resolve(reference, ""))
                    .invoke(found -> plan.found(reference, new PlannedMount.Image(found.id(), found.layers())))
                    .replaceWithVoid();
        }
        return all;
    }

    private static List<String> warnings(
            HostConfig config, ResolvedImage image, HostDescription host, String platform) {
        List<String> warnings = new ArrayList<>(ResourceRules.warnings(host, config));
        if (config.networkMode().equals("host") && !config.portBindings().isEmpty()) {
            warnings.add("Published ports are discarded when using host network mode");
        }
        String built = image.os() + "/" + image.architecture()
                + (image.variant() == null || image.variant().isEmpty() ? "" : "/" + image.variant());
        if (platform.isEmpty() && !Architecture.ofImage(host.architecture()).equals(image.architecture())) {
            warnings.add(
                    "The requested image's platform (" + built + ") does not match the detected host platform (linux/"
                            + Architecture.ofImage(host.architecture()) + ") and no specific platform was requested");
        }
        return warnings;
    }
}
