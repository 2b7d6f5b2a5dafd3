import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;

/**
 * Writes a trust store of PEM files, with the same bytes from the same certificates. Arguments: the store, the files.
 */
final class TrustStore {
    public static void main(String[] arguments) throws Exception {
        // As in the JDK's own store: there is nothing secret in it, and salts would differ each time.
        System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
        System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        CertificateFactory certificates = CertificateFactory.getInstance("X.509");
        for (String file : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            try (InputStream pem = Files.newInputStream(Path.of(file))) {
                int number = 0;
                for (Certificate certificate : certificates.generateCertificates(pem)) {
                    store.setCertificateEntry(Path.of(file).getFileName() + "-" + number++, certificate);
                }
            }
        }
        try (OutputStream out = Files.newOutputStream(Path.of(arguments[0]))) {
            store.store(out, null);
        }
    }
}
