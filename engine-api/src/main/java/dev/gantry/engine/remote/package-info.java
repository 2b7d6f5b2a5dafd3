/** How one service calls another where their jars are not in the same process. */
package dev.gantry.engine.remote;
