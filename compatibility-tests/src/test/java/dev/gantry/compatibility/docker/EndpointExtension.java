package dev.gantry.compatibility.docker;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test its own {@link Docker} and cleans up after it. */
final class EndpointExtension implements ExecutionCondition, ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(EndpointExtension.class);
    private static boolean imagesLoaded;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Endpoint.find()
                .map(endpoint -> ConditionEvaluationResult.enabled(endpoint.url()))
                .orElseGet(() -> ConditionEvaluationResult.disabled(Endpoint.ABSENT));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Docker.class || type == Engine.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Endpoint endpoint = Endpoint.find().orElseThrow();
        if (parameter.getParameter().getType() == Engine.class) {
            return new Engine(endpoint);
        }
        Docker docker =
                context.getStore(OURS).getOrComputeIfAbsent(Docker.class, type -> new Docker(endpoint), Docker.class);
        loadImagesOnce(docker);
        return docker;
    }

    private static synchronized void loadImagesOnce(Docker docker) {
        if (!imagesLoaded) {
            Images.load(docker);
            imagesLoaded = true;
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Docker docker = context.getStore(OURS).get(Docker.class, Docker.class);
        if (docker != null) {
            docker.close();
        }
    }
}
