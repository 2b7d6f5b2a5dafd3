/**
 * The protocol between services and agents, version {@value dev.gantry.agent.api.AgentProtocol#VERSION}. Plain JSON over
 * HTTP/1.1 on a unix socket or mutual TLS; see {@code docs/agent-protocol.md}. The records here are the wire format.
 */
package dev.gantry.agent.api;
