package dev.gantry.gateway.route;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.core.http.impl.HttpServerRequestWrapper;

/** A request as its owner shall see it: without the version prefix, and escaped as it should be. */
public class HandedOver extends HttpServerRequestWrapper {
    private final String path;
    private final String query;

    /**
     * @param path without query
     * @param query null for none
     */
    public HandedOver(HttpServerRequest request, String path, String query) {
        super((HttpServerRequestInternal) request);
        this.path = path;
        this.query = query;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public String uri() {
        return query == null ? path : path + "?" + query;
    }

    @Override
    public String absoluteURI() {
        return scheme() + "://docker" + uri();
    }
}
