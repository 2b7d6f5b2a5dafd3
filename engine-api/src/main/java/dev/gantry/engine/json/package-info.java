/** JSON that clients send, taken as dockerd takes it. */
package dev.gantry.engine.json;
