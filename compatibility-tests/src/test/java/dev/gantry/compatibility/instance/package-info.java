/** Tests of whole instances, which they start, kill and stop by the launcher: topologies, external servers, failures. */
package dev.gantry.compatibility.instance;
