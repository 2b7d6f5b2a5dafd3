/** Traces by OpenTelemetry: where a request went, and how long it was where. Off unless {@code gantry.traces.endpoint} is set. */
package dev.gantry.agent.api.trace;
