/**
 * A container's log: read, followed and rotated. conmon writes it, in Kubernetes' format: {@code time stream F text} for a
 * whole line, {@code P} for a piece without its end.
 */
package dev.gantry.agent.log;
