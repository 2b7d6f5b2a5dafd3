/** Who asks: made by the gateway for each connection, carried with every call, and told of in facts. */
package dev.gantry.engine.principal;
