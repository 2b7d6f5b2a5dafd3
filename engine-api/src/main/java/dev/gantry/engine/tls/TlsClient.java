package dev.gantry.engine.tls;

/** A bean that makes connections with TLS: the process that has one is prepared for it by {@link TlsAtStart}. */
public interface TlsClient {}
