package dev.gantry.agent.api.testing;

import dev.gantry.agent.api.stream.PeerTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority, and the certificates that it signs for peers on this machine; made by {@code openssl}. */
public final class Certificates {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path directory;
    private final String name;

    /**
     * @param directory where the files go
     * @param name of the authority, and of its files
     */
    public Certificates(Path directory, String name) throws IOException, InterruptedException {
        this.directory = directory;
        this.name = name;
        request(name, name, List.of());
    }

    /** A certificate with key for {@code localhost} and {@code 127.0.0.1}, as a client and as a server. */
    public PeerTls issue(String commonName) throws IOException, InterruptedException {
        String files = name + "-" + commonName;
        request(files, commonName, List.of("-CA", pem(name), "-CAkey", key(name)));
        return new PeerTls(pem(files), key(files), pem(name));
    }

    private String pem(String files) {
        return directory.resolve(files + ".pem").toString();
    }

    private String key(String files) {
        return directory.resolve(files + ".key").toString();
    }

    private void request(String files, String commonName, List<String> signer)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"));
        command.addAll(List.of("-days", "2", "-subj", "/CN=" + commonName, "-out", pem(files), "-keyout", key(files)));
        command.addAll(signer);
        if (!signer.isEmpty()) {
            command.addAll(List.of("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"));
            command.addAll(List.of("-addext", "basicConstraints=critical,CA:FALSE"));
        }
        run(command);
    }

    /** For the JDK's clients. */
    public static SSLContext context(PeerTls own) throws IOException, GeneralSecurityException, InterruptedException {
        Path store = Path.of(own.certificate() + ".p12");
        run(List.of(
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                own.certificate(),
                "-inkey",
                own.key(),
                "-out",
                store.toString(),
                "-passout",
                "pass:" + new String(PASSWORD)));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        identity.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.getKeyManagers(), trust(own.authority()).getTrustManagers(), new SecureRandom());
        return context;
    }

    /** For clients without a certificate of their own. */
    public static SSLContext anonymous(PeerTls peer) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust(peer.authority()).getTrustManagers(), new SecureRandom());
        return context;
    }

    private static TrustManagerFactory trust(String authority) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(Path.of(authority))) {
            trusted.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return trust;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
    }
}
