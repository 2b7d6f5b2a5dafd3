package dev.gantry.engine.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import dev.gantry.engine.EngineError;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Bodies of requests, converted as Go's decoder does: a number is no string, a string no number, a fraction no integer;
 * {@code null} among strings is an empty one. What does not fit is a bad request, in Go's words without names of types.
 */
public final class RequestJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .withCoercionConfig(
                    LogicalType.Textual, text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .addModule(new JavaTimeModule())
            .addModule(new ParameterNamesModule())
            .addModule(new SimpleModule().addDeserializer(String.class, new Text()))
            .build();

    /** The accessors of a record's components that may have something in them. */
    private static final ClassValue<List<Method>> COMPOSED = new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
            return composed(type);
        }
    };

    private RequestJson() {}

    /** @throws EngineError.BadParameter when the tree does not fit the type */
    public static <T> T convert(JsonNode tree, Class<T> type) {
        try {
            T converted = MAPPER.treeToValue(tree, type);
            requireElements(converted);
            return converted;
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("invalid JSON: " + reason(e));
        }
    }

    /** As {@link #convert}, for what will be stored. */
    public static <T> T body(JsonNode tree, Class<T> type) {
        checkText(tree);
        return convert(tree, type);
    }

    /**
     * PostgreSQL stores no NUL character, and no name, path or program has use for one.
     *
     * @throws EngineError.BadParameter when there is one in any string of the tree
     */
    public static void checkText(JsonNode tree) {
        if (tree.isTextual() && tree.textValue().indexOf('\0') >= 0) {
            throw new EngineError.BadParameter("invalid JSON: a string contains a NUL character");
        }
        tree.forEach(RequestJson::checkText);
        tree.fieldNames().forEachRemaining(name -> {
            if (name.indexOf('\0') >= 0) {
                throw new EngineError.BadParameter("invalid JSON: a string contains a NUL character");
            }
        });
    }

    private static String reason(JsonProcessingException e) {
        String field = e instanceof JsonMappingException located
                ? located.getPath().stream()
                        .map(JsonMappingException.Reference::getFieldName)
                        .filter(Objects::nonNull)
                        .collect(Collectors.joining("."))
                : "";
        Class<?> wanted = e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        return "json: cannot unmarshal " + given(e)
                + (field.isEmpty() ? "" : " into field " + field)
                + (wanted == null ? "" : " of type " + word(wanted));
    }

    private static String given(JsonProcessingException e) {
        JsonToken token = e.getProcessor() instanceof JsonParser parser ? parser.currentToken() : null;
        return switch (token) {
            case START_OBJECT, FIELD_NAME, END_OBJECT -> "object";
            case START_ARRAY, END_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_TRUE, VALUE_FALSE -> "bool";
            case null, default -> "number";
        };
    }

    private static String word(Class<?> type) {
        if (CharSequence.class.isAssignableFrom(type)) {
            return "string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "bool";
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "integer";
        }
        return Collection.class.isAssignableFrom(type) ? "array" : "object";
    }

    /** Nothing can be said of an object that is not there. */
    private static void requireElements(Object value) {
        switch (value) {
            case null -> {}
            case Collection<?> list -> {
                if (list.stream().anyMatch(Objects::isNull)) {
                    throw new EngineError.BadParameter("invalid JSON: null in a list of objects");
                }
                list.forEach(RequestJson::requireElements);
            }
            case Map<?, ?> map -> map.values().forEach(RequestJson::requireElements);
            case Record object -> requireComponents(object);
            default -> {}
        }
    }

    private static void requireComponents(Record object) {
        try {
            for (Method accessor : COMPOSED.get(object.getClass())) {
                requireElements(accessor.invoke(object));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Looked up once for each type: a request may hold a hundred thousand objects of one. */
    private static List<Method> composed(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> !isScalar(component.getType()))
                .map(RecordComponent::getAccessor)
                .peek(Method::trySetAccessible)
                .toList();
    }

    private static boolean isScalar(Class<?> type) {
        return type.isPrimitive()
                || type == String.class
                || type == Boolean.class
                || Number.class.isAssignableFrom(type);
    }

    /** Null is an empty string, and a field that is absent stays null. */
    private static final class Text extends StdScalarDeserializer<String> {
        private static final long serialVersionUID = 1;

        Text() {
            super(String.class);
        }

        @Override
        public LogicalType logicalType() {
            return LogicalType.Textual;
        }

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return StringDeserializer.instance.deserialize(parser, context);
        }

        @Override
        public String getNullValue(DeserializationContext context) {
            return "";
        }

        @Override
        public Object getAbsentValue(DeserializationContext context) {
            return null;
        }
    }
}
