package dev.gantry.agent.log.remote;

import dev.gantry.agent.linux.ErrnoException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Who is trusted, and who one is, in PEM files.
 *
 * @param authority null or empty for the system's authorities
 * @param certificate null or empty for none, as {@code key}
 * @param trusting whether anybody is believed to be the target
 */
record TlsFiles(String authority, String certificate, String key, boolean trusting) {
    private static final char[] NO_PASSWORD = new char[0];
    private static final long MOST = 1 << 20;

    /** Reads the files. @throws IOException in the words of dockerd, which does so before it connects */
    SSLContext context() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(), trust(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("tls: " + e.getMessage(), e);
        }
    }

    /** Shakes hands on a connected socket. */
    SSLSocket connect(SSLContext context, Socket socket, String host, int port) throws IOException {
        try {
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
            if (!trusting) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            return secure;
        } catch (SSLHandshakeException e) {
            throw new IOException(reason(e), e);
        }
    }

    /** Go's words for the two commonest. */
    private static String reason(SSLHandshakeException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("unable to find valid certification path") || message.contains("PKIX")) {
            return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
        }
        return message.contains("No subject alternative") || message.contains("No name matching")
                ? "tls: failed to verify certificate: x509: " + message
                : "tls: " + message;
    }

    private TrustManager[] trust() throws IOException, GeneralSecurityException {
        if (trusting) {
            return new TrustManager[] {new Anybody()};
        }
        if (authority == null || authority.isEmpty()) {
            return null;
        }
        KeyStore store = empty();
        int number = 0;
        byte[] pem = read("could not read CA certificate \"" + authority + "\": ", authority);
        for (Certificate one :
                certificates(pem, "failed to append certificates from PEM file: \"" + authority + "\"")) {
            store.setCertificateEntry("ca" + number++, one);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private KeyManager[] keys() throws IOException, GeneralSecurityException {
        boolean none = (certificate == null || certificate.isEmpty()) && (key == null || key.isEmpty());
        if (none) {
            return null;
        }
        String prefix = "Could not load X509 key pair: ";
        Collection<? extends Certificate> chain = certificates(
                read(prefix, certificate), prefix + "tls: failed to find any PEM data in certificate input");
        PrivateKey own = privateKey(read(prefix, key), prefix);
        KeyStore store = empty();
        store.setKeyEntry("own", own, NO_PASSWORD, chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static Collection<? extends Certificate> certificates(byte[] pem, String none) throws IOException {
        try {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
            if (all.isEmpty()) {
                throw new IOException(none);
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw new IOException(none, e);
        }
    }

    private static PrivateKey privateKey(byte[] pem, String prefix) throws IOException {
        String text = new String(pem, java.nio.charset.StandardCharsets.ISO_8859_1);
        String begin = "-----BEGIN PRIVATE KEY-----";
        int start = text.indexOf(begin);
        int end = text.indexOf("-----END PRIVATE KEY-----");
        if (start < 0 || end < start) {
            throw new IOException(prefix + "tls: the key is not in PKCS#8");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(text.substring(start + begin.length(), end));
            for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (GeneralSecurityException e) {
                    // Of another kind.
                    continue;
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(prefix + "tls: failed to parse private key", e);
        }
        throw new IOException(prefix + "tls: failed to parse private key");
    }

    private static byte[] read(String prefix, String file) throws IOException {
        Path path = Path.of(file == null ? "" : file);
        try {
            if (Files.exists(path) && (!Files.isRegularFile(path) || Files.size(path) > MOST)) {
                throw new IOException(prefix + "read " + path + ": not a file of certificates");
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    prefix + "open " + path + ": " + new ErrnoException("open", "", ErrnoException.ENOENT).reason(), e);
        }
    }

    /** Believes everybody, as {@code syslog-tls-skip-verify} says. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
