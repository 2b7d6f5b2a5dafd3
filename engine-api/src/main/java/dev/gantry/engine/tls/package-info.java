/** What processes that speak TLS to others do before they serve. */
package dev.gantry.engine.tls;
