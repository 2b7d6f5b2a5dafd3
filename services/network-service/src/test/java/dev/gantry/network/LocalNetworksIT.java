package dev.gantry.network;

import dev.gantry.embedded.testing.EmbeddedServices;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class LocalNetworksIT extends NetworksPortCase {}
