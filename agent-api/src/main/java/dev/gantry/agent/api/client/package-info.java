/** How services call agents: JSON requests, and bodies passed through to the client as they come. */
package dev.gantry.agent.api.client;
