/** JSON that clients send, taken as dockerd takes it, and JSON that services hand on as it is. */
package dev.gantry.engine.json;
