/** Hosts, as cluster-service knows them and others need them. */
package dev.gantry.engine.host;
