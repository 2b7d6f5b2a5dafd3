/** Files of ours, which other users of the machine have no business with. */
package dev.gantry.agent.api.file;
