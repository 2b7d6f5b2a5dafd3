package dev.gantry.agent.api.settings;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/**
 * On SIGHUP a process reads its configuration file again, and dockerd's, as dockerd does: what can change while it runs is so
 * from then on, and for containers that are made from then on. With a file that is wrong nothing changes.
 */
@Singleton
class Reload {
    private static final Logger LOG = Logger.getLogger(Reload.class);

    private final Event<SettingsReloaded> reloaded;

    Reload(Event<SettingsReloaded> reloaded) {
        this.reloaded = reloaded;
    }

    /** Not where there is no file, as in tests: there the signal ends a process as ever. */
    void watch(@Observes StartupEvent event) {
        if (System.getProperty(Settings.FILE_PROPERTY) != null) {
            ClassLoader ours = Thread.currentThread().getContextClassLoader();
            Signal.handle(new Signal("HUP"), signal -> {
                // The thread is the JDK's own, and the configuration belongs to a class loader.
                Thread.currentThread().setContextClassLoader(ours);
                reload();
            });
        }
    }

    private void reload() {
        try {
            List<String> later = SettingsFile.reload();
            reloaded.fire(new SettingsReloaded());
            LOG.info("the settings were read again");
            later.forEach(key -> LOG.warnf("%s has changed: that counts from the next start on", key));
        } catch (RuntimeException e) {
            LOG.errorf("the settings stay as they are: %s", e.getMessage());
        }
    }
}
