/**
 * Standard streams of containers and execs: attach and exec connections on one side, conmon's attach socket on the other.
 * Output is framed here as Docker frames it; everything further up only passes bytes on.
 */
package dev.gantry.agent.stdio;
