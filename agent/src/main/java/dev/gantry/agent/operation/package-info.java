/** Operations that a caller may repeat by their id. */
package dev.gantry.agent.operation;
