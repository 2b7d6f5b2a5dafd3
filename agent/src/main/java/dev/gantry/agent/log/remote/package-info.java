/** Where log drivers send lines: a class for each driver, and the connections that they have in common. */
package dev.gantry.agent.log.remote;
