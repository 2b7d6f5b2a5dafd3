/** Looking whether containers are well: one check, and what follows from it. */
package dev.gantry.agent.health;
