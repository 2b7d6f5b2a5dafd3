/** Networks and who is attached to them: addresses, MAC addresses and host ports are given and taken back here. */
package dev.gantry.network;
