/** The services as this agent's peers: how they reach it, how it reaches them, and the certificates for both. */
package dev.gantry.agent.peer;
