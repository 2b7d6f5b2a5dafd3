/**
 * System calls by {@code java.lang.foreign}, one class for each group of calls. Methods throw {@link
 * dev.gantry.agent.linux.ErrnoException}; structures are laid out for x86_64 and aarch64 alike.
 */
package dev.gantry.agent.linux;
