/** The agent: one host's containers, networks, volumes and layers, for the services and nobody else. */
package dev.gantry.agent;
