package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkPlan;
import java.util.Map;

/**
 * A container as it is attached.
 *
 * @param interfaces on the host, by the endpoint whose end they are
 */
record Attached(NetworkPlan plan, Map<String, String> interfaces) {}
