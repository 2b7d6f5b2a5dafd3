/** What all services do alike at their HTTP edge. */
package dev.gantry.engine.http;
