package dev.gantry.gateway.route;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every operation of the Docker Engine API. What is not here is not found. */
public final class Routes {
    /**
     * Method, path, owner, then what the request carries: {@code json} (a leading {@code ?}: or nothing),
     * {@code stream}; and {@code upgraded}. <code>{name*}</code> may contain slashes, {@code /?} at the end may be left out.
     */
    private static final String TABLE =
            """
            GET    /_ping                           gateway
            HEAD   /_ping                           gateway
            GET    /version                         gateway
            GET    /info                            gateway
            POST   /auth                            gateway    json
            GET    /system/df                       gateway

            GET    /containers/json                 container
            POST   /containers/create               container  json
            POST   /containers/prune                container
            GET    /containers/{id}/json            container
            GET    /containers/{id}/top             container
            GET    /containers/{id}/logs            container
            GET    /containers/{id}/changes         container
            GET    /containers/{id}/export          container
            GET    /containers/{id}/stats           container
            GET    /containers/{id}/attach/ws       container  upgraded
            POST   /containers/{id}/resize          container
            POST   /containers/{id}/start           container
            POST   /containers/{id}/stop            container
            POST   /containers/{id}/restart         container
            POST   /containers/{id}/kill            container
            POST   /containers/{id}/update          container
            POST   /containers/{id}/rename          container
            POST   /containers/{id}/pause           container
            POST   /containers/{id}/unpause         container
            POST   /containers/{id}/attach          container  upgraded
            POST   /containers/{id}/wait            container
            POST   /containers/{id}/exec            container  ?json
            DELETE /containers/{id}                 container
            DELETE /containers/{id}/{alias}         container
            HEAD   /containers/{id}/archive         container
            GET    /containers/{id}/archive         container
            PUT    /containers/{id}/archive         container  stream
            POST   /exec/{id}/start                 container  ?json upgraded
            POST   /exec/{id}/resize                container
            GET    /exec/{id}/json                  container
            POST   /commit                          container  ?json

            GET    /volumes                         container
            POST   /volumes/create                  container  ?json
            POST   /volumes/prune                   container
            GET    /volumes/{name}                  container
            PUT    /volumes/{name}                  swarm
            DELETE /volumes/{name}                  container

            GET    /images/json                     image
            POST   /images/create                   image      stream
            GET    /images/get                      image
            POST   /images/load                     image      stream
            GET    /images/search                   image
            POST   /images/prune                    image
            GET    /images/{name*}/json             image
            GET    /images/{name*}/history          image
            GET    /images/{name*}/get              image
            POST   /images/{name*}/push             image
            POST   /images/{name*}/tag              image
            DELETE /images/{name*}                  image
            GET    /distribution/{name*}/json       image
            POST   /build                           nobody
            POST   /build/prune                     nobody
            POST   /build/cancel                    nobody
            POST   /session                         nobody
            POST   /grpc                            nobody

            GET    /networks/?                      network
            POST   /networks/create                 network    ?json
            POST   /networks/prune                  network
            GET    /networks/{id}                   network
            DELETE /networks/{id}                   network
            POST   /networks/{id}/connect           network    ?json
            POST   /networks/{id}/disconnect        network    ?json

            GET    /events                          event

            GET    /plugins                         gateway
            POST   /plugins/create                  nobody
            GET    /plugins/privileges              nobody
            POST   /plugins/pull                    nobody
            GET    /plugins/{name*}/json            gateway
            DELETE /plugins/{name*}                 gateway
            POST   /plugins/{name*}/enable          gateway
            POST   /plugins/{name*}/disable         gateway
            POST   /plugins/{name*}/upgrade         gateway
            POST   /plugins/{name*}/push            gateway
            POST   /plugins/{name*}/set             gateway

            GET    /swarm                           swarm
            POST   /swarm/init                      nobody
            POST   /swarm/join                      nobody
            POST   /swarm/leave                     swarm
            POST   /swarm/update                    swarm
            GET    /swarm/unlockkey                 swarm
            POST   /swarm/unlock                    swarm
            GET    /nodes                           swarm
            GET    /nodes/{id}                      swarm
            DELETE /nodes/{id}                      swarm
            POST   /nodes/{id}/update               swarm
            GET    /services                        swarm
            POST   /services/create                 swarm
            GET    /services/{id}                   swarm
            DELETE /services/{id}                   swarm
            POST   /services/{id}/update            swarm
            GET    /services/{id}/logs              swarm
            GET    /tasks                           swarm
            GET    /tasks/{id}                      swarm
            GET    /tasks/{id}/logs                 swarm
            GET    /secrets                         swarm
            POST   /secrets/create                  swarm
            GET    /secrets/{id}                    swarm
            DELETE /secrets/{id}                    swarm
            POST   /secrets/{id}/update             swarm
            GET    /configs                         swarm
            POST   /configs/create                  swarm
            GET    /configs/{id}                    swarm
            DELETE /configs/{id}                    swarm
            POST   /configs/{id}/update             swarm
            """;

    private static final Map<String, List<Route>> BY_NOUN = TABLE.lines()
            .filter(line -> !line.isBlank())
            .map(line -> line.split(" +"))
            .collect(Collectors.groupingBy(
                    row -> noun(row[1]), Collectors.mapping(Routes::route, Collectors.toUnmodifiableList())));

    private Routes() {}

    /** The operation, if the API has it; rows above others win. */
    public static Optional<Route> find(String method, String path) {
        return BY_NOUN.getOrDefault(noun(path), List.of()).stream()
                .filter(route -> route.matches(method, path))
                .findFirst();
    }

    private static String noun(String path) {
        int end = path.indexOf('/', 1);
        return end < 0 ? path : path.substring(0, end);
    }

    private static Route route(String[] row) {
        List<String> flags = List.of(row).subList(3, row.length);
        String regex = row[1].replaceAll("\\{\\w+\\*}", ".+").replaceAll("\\{\\w+}", "[^/]+");
        return new Route(
                row[0],
                row[1].replace("*", "").replace("/?", ""),
                Pattern.compile(regex),
                Owner.valueOf(row[2].toUpperCase(Locale.ROOT)),
                body(flags),
                flags.contains("upgraded"));
    }

    private static Route.Body body(List<String> flags) {
        if (flags.contains("json")) {
            return Route.Body.JSON;
        }
        if (flags.contains("?json")) {
            return Route.Body.OPTIONAL_JSON;
        }
        return flags.contains("stream") ? Route.Body.STREAM : Route.Body.NONE;
    }
}
