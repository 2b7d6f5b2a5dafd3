package dev.gantry.image.store;

import dev.gantry.image.reference.Reference;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** A name that leads to an image: by tag, or by the digest it was pulled at. */
@Entity(name = "ReferenceEntity")
@Table(schema = "image", name = "reference")
public class ReferenceEntity {
    /** {@link Reference#name()}. */
    @Id
    public String name;

    /** {@link Reference#repository()}. */
    public String repository;

    /** Null for a reference by digest. */
    public String tag;

    @Column(name = "image_id")
    public String imageId;

    public Reference reference() {
        return Reference.parse(name);
    }

    public boolean isDigest() {
        return tag == null;
    }
}
