/** Volume plug-ins of the host, by dockerd's protocol for those that are no images. */
package dev.gantry.agent.volume.plugin;
