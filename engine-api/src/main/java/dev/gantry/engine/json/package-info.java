/** JSON that services hand on as it is. */
package dev.gantry.engine.json;
