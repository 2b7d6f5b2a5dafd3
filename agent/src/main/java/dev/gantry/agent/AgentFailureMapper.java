package dev.gantry.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.Unexpected;
import dev.gantry.agent.api.query.InvalidQuery;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Errors as the protocol words them: {@code {"code": ..., "message": ...}}. */
public class AgentFailureMapper {
    private static final Logger LOG = Logger.getLogger(AgentFailureMapper.class);

    @ServerExceptionMapper
    Response failure(AgentFailure failure) {
        if (failure.code() == AgentFailure.Code.INTERNAL) {
            LOG.warn(failure.getMessage(), failure);
        }
        return answer(failure);
    }

    @ServerExceptionMapper
    Response malformed(JsonProcessingException e) {
        LOG.infof("malformed body: %s", e.getOriginalMessage());
        return answer(Unexpected.malformed(e));
    }

    @ServerExceptionMapper
    Response invalid(InvalidQuery e) {
        return answer(new AgentFailure(AgentFailure.Code.BAD_REQUEST, e.getMessage()));
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e) {
        AgentFailure.Code code =
                switch (e.getResponse().getStatus()) {
                    case 400, 415 -> AgentFailure.Code.BAD_REQUEST;
                    case 404, 405 -> AgentFailure.Code.NOT_FOUND;
                    default -> AgentFailure.Code.INTERNAL;
                };
        return answer(new AgentFailure(code, e.getMessage()));
    }

    @ServerExceptionMapper
    Response unexpected(RuntimeException e) {
        LOG.error("unexpected failure", e);
        return answer(Unexpected.failure(e));
    }

    @ServerExceptionMapper
    Response unexpected(IOException e) {
        LOG.error("unexpected failure", e);
        return answer(Unexpected.failure(e));
    }

    private static Response answer(AgentFailure failure) {
        return Response.status(failure.code().status())
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(failure.body())
                .build();
    }
}
