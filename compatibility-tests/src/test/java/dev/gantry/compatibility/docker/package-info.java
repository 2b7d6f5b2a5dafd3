/** What the tests are written with: the endpoint, the docker program, plain HTTP, images and a real dockerd. */
package dev.gantry.compatibility.docker;
