/** The configuration of services and agent: its keys, its file, and the check for mistyped ones. */
package dev.gantry.agent.api.settings;
