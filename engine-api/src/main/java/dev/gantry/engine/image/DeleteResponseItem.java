package dev.gantry.engine.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** What {@code DELETE /images/{name}} did: a reference untagged, or an image or stack of layers deleted. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeleteResponseItem(String untagged, String deleted) {
    public static DeleteResponseItem ofUntagged(String reference) {
        return new DeleteResponseItem(reference, null);
    }

    public static DeleteResponseItem ofDeleted(String digest) {
        return new DeleteResponseItem(null, digest);
    }
}
