/**
 * Root filesystems of containers: layers fetched and unpacked once for each chain id, and stacked by overlayfs under a
 * writable directory for each container. What a layer says is hostile: see {@link
 * dev.gantry.agent.snapshot.LayerExtraction}.
 */
package dev.gantry.agent.snapshot;
