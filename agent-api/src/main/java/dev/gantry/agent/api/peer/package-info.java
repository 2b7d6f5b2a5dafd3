/** Agents and services over TCP: who is at the other end, and the server that lets nobody else in. */
package dev.gantry.agent.api.peer;
