/** How facts get out: written with the state that they tell of, published by a relay. */
package dev.gantry.service.outbox;
