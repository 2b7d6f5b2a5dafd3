/**
 * From a container's specification to a process: the OCI configuration, the runtime found on this host, and conmon,
 * which starts the runtime and stays with the container.
 */
package dev.gantry.agent.runtime;
