/** What services do to single rows of their schemas. */
package dev.gantry.service.row;
