/** Facts, their form on the wire, and how services listen to each other's. */
package dev.gantry.service.fact;
