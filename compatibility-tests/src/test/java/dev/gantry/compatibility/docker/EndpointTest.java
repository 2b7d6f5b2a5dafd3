package dev.gantry.compatibility.docker;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that take a {@link Docker} and an {@link Engine} for the endpoint, and are skipped when there is none. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EndpointExtension.class)
public @interface EndpointTest {}
