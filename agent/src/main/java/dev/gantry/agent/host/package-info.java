/** The machine the agent runs on: its directories, its facts, its identity, and threads that may block. */
package dev.gantry.agent.host;
