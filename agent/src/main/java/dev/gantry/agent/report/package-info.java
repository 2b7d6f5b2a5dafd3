/** Telling the services what happened here: kept on disk, sent in order, until acknowledged. */
package dev.gantry.agent.report;
