/** What services do to single rows of their schemas. */
package dev.gantry.engine.row;
