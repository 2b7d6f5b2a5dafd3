/** Times the same work on two Docker endpoints in turns, so that whatever else the machine does falls on both. */
package dev.gantry.bench;
