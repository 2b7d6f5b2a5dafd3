/** The process of a service that runs by itself. */
package dev.gantry.service.start;
