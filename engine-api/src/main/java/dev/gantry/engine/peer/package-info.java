/** Services reached from other machines: by agents, and by other services, with certificates on both sides. */
package dev.gantry.engine.peer;
