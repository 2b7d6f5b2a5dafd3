/** What Gantry is deployed by, compose files, manifests and units, against each other and what the code knows; nothing is started. */
package dev.gantry.compatibility.deployment;
