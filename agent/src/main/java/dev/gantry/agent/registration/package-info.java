/** How the services learn that this host is there, and what it is like. */
package dev.gantry.agent.registration;
