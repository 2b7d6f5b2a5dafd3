/**
 * Connections that stop being HTTP: attach and exec. {@link dev.gantry.agent.api.stream.Hijack} takes a client's
 * connection over after its request, {@link dev.gantry.agent.api.stream.UpgradeClient} opens one to an agent or a
 * service, {@link dev.gantry.agent.api.stream.Splice} joins two, and {@link dev.gantry.agent.api.stream.StreamProxy}
 * does all three. Nothing here knows how Docker frames output: the bytes pass through as they are.
 */
package dev.gantry.agent.api.stream;
