/** Work on Vert.x contexts: what goes on without a client, and results that come back where they are awaited. */
package dev.gantry.service.work;
