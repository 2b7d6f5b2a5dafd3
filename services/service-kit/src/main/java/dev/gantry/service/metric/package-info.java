/** Figures of services for Prometheus. */
package dev.gantry.service.metric;
