package dev.gantry.image.store;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;

/** That an image needs a blob: its configuration, a manifest, an index or a layer. */
@Entity(name = "ImageContentEntity")
@Table(schema = "image", name = "image_content")
public class ImageContentEntity {
    @Embeddable
    public record Key(@Column(name = "image_id") String imageId, String digest) {}

    @EmbeddedId
    public Key id;
}
