/** Logs that outlive their containers, and what is known of these. */
package dev.gantry.container.kept;
