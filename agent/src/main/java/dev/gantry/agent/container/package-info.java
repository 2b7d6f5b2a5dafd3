/**
 * The containers of this host from create to delete, one class for each operation; their state on disk, what happens
 * when one exits, and taking them up again after a restart of the agent.
 */
package dev.gantry.agent.container;
