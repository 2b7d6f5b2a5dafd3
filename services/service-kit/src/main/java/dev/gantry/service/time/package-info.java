/** Moments as clients and tables have them. */
package dev.gantry.service.time;
