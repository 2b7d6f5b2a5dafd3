/** Further programs in running containers. */
package dev.gantry.agent.exec;
