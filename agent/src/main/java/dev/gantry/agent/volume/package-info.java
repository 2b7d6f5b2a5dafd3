/** Named volumes: directories on the host that outlive containers. */
package dev.gantry.agent.volume;
