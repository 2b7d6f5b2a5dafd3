package dev.gantry.gateway.route;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.core.http.impl.HttpServerRequestWrapper;

/** A request as its owner shall see it: without the version prefix. */
public class HandedOver extends HttpServerRequestWrapper {
    private final String path;

    /** @param path without query; the request's own query stays */
    public HandedOver(HttpServerRequest request, String path) {
        super((HttpServerRequestInternal) request);
        this.path = path;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String uri() {
        String query = query();
        return query == null ? path : path + "?" + query;
    }

    @Override
    public String absoluteURI() {
        return scheme() + "://docker" + uri();
    }
}
