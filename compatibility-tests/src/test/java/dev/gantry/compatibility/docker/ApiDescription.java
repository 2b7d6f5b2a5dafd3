package dev.gantry.compatibility.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * The published description of the API (Swagger 2.0), from the file that {@code -Dgantry.compatibility.api-description}
 * names. Engines write Go's nil slices and maps as null where the description says array or object: null is taken for
 * these, as it is for what is marked {@code x-nullable}.
 */
public final class ApiDescription {
    public static final String PROPERTY = "gantry.compatibility.api-description";

    private static final String DEFINITIONS = "#/definitions/";
    private static final int LARGEST_DESCRIPTION = 16 << 20;

    private final ObjectNode root;
    private final JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4);

    private ApiDescription(ObjectNode root) {
        this.root = root;
    }

    /** Empty when no file is named, or it is not there. */
    public static Optional<ApiDescription> find() {
        String file = System.getProperty(PROPERTY, "");
        if (file.isEmpty() || !Files.isReadable(Path.of(file))) {
            return Optional.empty();
        }
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST_DESCRIPTION);
        try {
            ObjectNode root = (ObjectNode)
                    new YAMLMapper(YAMLFactory.builder().loaderOptions(options).build())
                            .readTree(Path.of(file).toFile());
            allowNulls(root.get("definitions"));
            allowNulls(root.get("paths"));
            return Optional.of(new ApiDescription(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong with an answer, a line for each fault, and which of its keys the description does not know. */
    public List<String> faults(String method, String path, int status, JsonNode answer) {
        return faultsOf(responseSchema(method, path, status), answer);
    }

    /** As {@link #faults} for the body of a request. */
    public List<String> bodyFaults(String path, JsonNode body) {
        return faultsOf(bodySchema(path), body);
    }

    /** The body that the description gives as its example. */
    public ObjectNode exampleBody(String path) {
        return bodySchema(path).withObject("/example").deepCopy();
    }

    /** Methods and paths of what has the tag, as {@code GET /volumes/{name}}. */
    public List<String> operations(String tag) {
        List<String> operations = new ArrayList<>();
        root.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    for (JsonNode each : operation.getValue().path("tags")) {
                        if (each.asText().equals(tag)) {
                            operations.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
                        }
                    }
                }));
        return operations;
    }

    private List<String> faultsOf(JsonNode schema, JsonNode value) {
        ObjectNode whole = schema.deepCopy();
        whole.set("definitions", root.get("definitions"));
        List<String> faults = new ArrayList<>();
        if (value.isNull()) {
            faults.add("null");
        }
        for (ValidationMessage message : schemas.getSchema(whole).validate(value)) {
            faults.add(message.getMessage());
        }
        unknownKeys(schema, value, "$", faults);
        return faults;
    }

    private JsonNode responseSchema(String method, String path, int status) {
        return required(
                root.at("/paths/" + path.replace("/", "~1") + "/" + method + "/responses/" + status + "/schema"));
    }

    private JsonNode bodySchema(String path) {
        for (JsonNode parameter : root.at("/paths/" + path.replace("/", "~1") + "/post/parameters")) {
            if (parameter.path("in").asText().equals("body")) {
                return required(parameter.path("schema"));
            }
        }
        throw new IllegalArgumentException(path + " takes no body");
    }

    private static JsonNode required(JsonNode schema) {
        if (schema.isMissingNode()) {
            throw new IllegalArgumentException("the description has no such answer");
        }
        return schema;
    }

    /** Keys of objects that have described properties and are not maps. */
    private void unknownKeys(JsonNode schema, JsonNode value, String where, List<String> faults) {
        if (value.isArray()) {
            JsonNode items = resolved(schema).path("items");
            for (int i = 0; i < value.size(); i++) {
                unknownKeys(items, value.get(i), where + "[" + i + "]", faults);
            }
        } else if (value.isObject()) {
            ObjectNode properties = JsonNodeFactory.instance.objectNode();
            boolean closed = gather(schema, properties, new HashSet<>());
            JsonNode others = resolved(schema).path("additionalProperties");
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                String key = where + "." + field.getKey();
                if (properties.has(field.getKey())) {
                    unknownKeys(properties.get(field.getKey()), field.getValue(), key, faults);
                } else if (others.isObject()) {
                    unknownKeys(others, field.getValue(), key, faults);
                } else if (closed && !properties.isEmpty()) {
                    faults.add(key + ": no such key in the description");
                }
            }
        }
    }

    /** Collects the properties of a schema and of what it is put together from; false when it is open to others. */
    private boolean gather(JsonNode schema, ObjectNode properties, Set<JsonNode> seen) {
        JsonNode it = resolved(schema);
        boolean closed = seen.add(it) && !it.has("additionalProperties");
        it.path("properties").properties().forEach(property -> properties.set(property.getKey(), property.getValue()));
        for (JsonNode part : it.path("allOf")) {
            closed &= gather(part, properties, seen);
        }
        return closed;
    }

    private JsonNode resolved(JsonNode schema) {
        String reference = schema.path("$ref").asText("");
        return reference.startsWith(DEFINITIONS)
                ? resolved(root.get("definitions").path(reference.substring(DEFINITIONS.length())))
                : schema;
    }

    private static void allowNulls(JsonNode node) {
        if (node instanceof ObjectNode schema) {
            JsonNode type = schema.path("type");
            // An address may be an IPv6 one, and a time may have nanoseconds.
            schema.remove("format");
            boolean composed = type.isTextual()
                    && (type.asText().equals("array") || type.asText().equals("object"));
            if (type.isTextual() && (composed || schema.path("x-nullable").asBoolean())) {
                ArrayNode types = schema.arrayNode().add(type.asText()).add("null");
                schema.set("type", types);
                if (schema.path("enum") instanceof ArrayNode values) {
                    values.addNull();
                }
            }
        }
        node.forEach(ApiDescription::allowNulls);
    }
}
