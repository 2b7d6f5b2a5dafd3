/** Names of containers: the server at 127.0.0.11 in each container on a network that a client made. */
package dev.gantry.agent.dns;
