/** What a process must be told before it can start. */
package dev.gantry.engine.needed;
