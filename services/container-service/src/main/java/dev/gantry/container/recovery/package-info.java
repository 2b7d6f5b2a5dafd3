/** What happens to work that a crash left half done. */
package dev.gantry.container.recovery;
