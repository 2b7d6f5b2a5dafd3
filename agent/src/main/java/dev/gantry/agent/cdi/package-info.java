/** Devices of the Container Device Interface, which their vendors describe in files on the host. */
package dev.gantry.agent.cdi;
