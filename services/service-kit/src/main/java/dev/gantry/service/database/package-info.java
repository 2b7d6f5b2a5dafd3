/** A service's database: its schema and how that is made, connections outside of the pool, and a silent server. */
package dev.gantry.service.database;
