package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.History;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.image.ResolvedImage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything decided about a container that is about to be made.
 *
 * @param done the same as {@code hostConfig} with what the host is told and nobody shown
 */
record NewContainer(
        String id,
        UUID operation,
        HostDescription host,
        ResolvedImage image,
        ContainerConfig config,
        HostConfig hostConfig,
        HostConfig done,
        Map<String, EndpointSettings> endpoints,
        MountPlan plan,
        Map<String, String> links,
        List<String> warnings) {

    ContainerSpec spec(String name) {
        return SpecBuilder.build(id, name, config, done, plan.mounts(), image.layers(), image.id());
    }

    /** The same with other warnings before its own. */
    NewContainer warnedFirst(List<String> others) {
        return new NewContainer(
                id,
                operation,
                host,
                image,
                config,
                hostConfig,
                done,
                endpoints,
                plan,
                links,
                Stream.concat(others.stream(), warnings.stream()).toList());
    }

    boolean usesVolumes() {
        return plan.mounts().stream().anyMatch(PlannedMount::isVolume);
    }

    ContainerEntity row(String name, int owner) {
        ContainerEntity row = new ContainerEntity();
        row.id = id;
        row.name = name;
        row.hostId = host.id();
        row.createdAt = Instant.now();
        row.imageId = image.id();
        row.imageReference = config.image();
        row.platform = image.os();
        row.describe(config, hostConfig, config.labels());
        row.endpoints = StoredJson.write(endpoints);
        row.mounts = StoredJson.write(plan.mounts());
        row.chains = StoredJson.write(Stream.concat(
                        image.layers().stream(),
                        plan.mounts().stream()
                                .filter(mount -> mount.image() != null)
                                .flatMap(mount -> mount.image().layers().stream()))
                .map(ContainerSpec.Layer::chainId)
                .distinct()
                .toList());
        row.command = commandLine(SpecBuilder.args(config));
        row.healthChecked = SpecBuilder.health(config) != null;
        row.desire(Desired.CREATED);
        row.become(new ContainerState.Created(History.NONE));
        row.begin(Operation.CREATE, operation, owner);
        return row;
    }

    /** As {@code docker ps} shows it: arguments with spaces in quotes, the program without. */
    private static String commandLine(List<String> args) {
        return Stream.concat(
                        args.stream().limit(1),
                        args.stream().skip(1).map(arg -> arg.contains(" ") ? "'" + arg + "'" : arg))
                .collect(Collectors.joining(" "));
    }
}
