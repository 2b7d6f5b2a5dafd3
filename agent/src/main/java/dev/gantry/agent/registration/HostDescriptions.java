package dev.gantry.agent.registration;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.HostFacts;
import dev.gantry.agent.host.HostIdentity;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.network.HostNetwork;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.runtime.Cgroups;
import dev.gantry.agent.runtime.OciRuntime;
import dev.gantry.agent.runtime.Runtimes;
import dev.gantry.agent.volume.plugin.VolumePlugins;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** This host, as the services need to know it. */
@ApplicationScoped
public class HostDescriptions {
    private final HostIdentity identity;
    private final AgentFiles files;
    private final Runtimes runtimes;
    private final HostNetwork network;
    private final ReportJournal reports;
    private final VolumePlugins volumePlugins;
    private final String address;
    private final HostFacts facts;
    private final Cgroups cgroups = Cgroups.ofHost();

    public HostDescriptions(
            HostIdentity identity,
            AgentFiles files,
            Runtimes runtimes,
            HostNetwork network,
            ReportJournal reports,
            HostRoot host,
            VolumePlugins volumePlugins,
            @ConfigProperty(name = "gantry.agent.address") String address)
            throws IOException {
        this.identity = identity;
        this.files = files;
        this.runtimes = runtimes;
        this.network = network;
        this.reports = reports;
        this.volumePlugins = volumePlugins;
        this.address = address;
        this.facts = HostFacts.read(files.data(), host);
    }

    public HostDescription describe() {
        return new HostDescription(
                identity.id(),
                facts.name(),
                address,
                AgentProtocol.VERSION,
                reports.epoch(),
                facts.operatingSystem(),
                facts.osVersion(),
                facts.kernelVersion(),
                facts.architecture(),
                facts.cpus(),
                facts.memoryTotal(),
                "cgroupfs",
                cgroups.version(),
                facts.seccomp(),
                // Containers get no AppArmor profile yet, whether or not the host has it.
                false,
                runtimes(),
                runtimes.byDefault().name(),
                runtimes.initBinary().isEmpty() ? "" : "docker-init",
                "overlay2",
                facts.backingFilesystem(),
                files.data().toString(),
                network.addressesInUse(),
                network.interfaceAddresses(),
                warnings(),
                cgroups.limits(),
                volumePlugins.names());
    }

    private Map<String, HostDescription.Runtime> runtimes() {
        Map<String, HostDescription.Runtime> result = new LinkedHashMap<>();
        for (OciRuntime runtime : runtimes.all().values()) {
            result.put(
                    runtime.name(),
                    new HostDescription.Runtime(runtime.program().toString(), runtime.version()));
        }
        return result;
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!cgroups.limitsSwap()) {
            warnings.add("WARNING: No swap limit support");
        }
        if (!cgroups.weighsBlockIo()) {
            warnings.add("WARNING: No blkio weight support");
        }
        return warnings;
    }
}
