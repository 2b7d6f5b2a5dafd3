/** What containers use: control groups and interfaces read once a second for as long as somebody reads along. */
package dev.gantry.agent.stats;
