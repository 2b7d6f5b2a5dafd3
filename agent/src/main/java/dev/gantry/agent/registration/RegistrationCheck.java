package dev.gantry.agent.registration;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the services know this host. Containers run whether it does or not. */
@Readiness
@ApplicationScoped
class RegistrationCheck implements HealthCheck {
    private final Registration registration;

    RegistrationCheck(Registration registration) {
        this.registration = registration;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("registration")
                .status(registration.reached())
                .build();
    }
}
