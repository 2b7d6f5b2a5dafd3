/**
 * Networks on this host: a namespace for each container, veth pairs into bridges, one nftables table with every rule
 * of ours, reserved host ports. {@link dev.gantry.agent.network.HostNetwork} is the way in.
 */
package dev.gantry.agent.network;
