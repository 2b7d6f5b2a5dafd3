package dev.gantry.image.store;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** An image. All but the time of its last tag follows from its configuration and never changes. */
@Entity(name = "ImageEntity")
@Table(schema = "image", name = "image")
public class ImageEntity {
    @Id
    public String id;

    public String os;
    public String architecture;
    public String variant;

    @Column(name = "created_at")
    public Instant createdAt;

    /** Sum of {@link LayerBlob#contentSize}. */
    public long size;

    /** The configuration as it is in the content store. */
    public String config;

    /** The labels of the configuration as JSON; null when it has none. */
    public String labels;

    /** Digest of the manifest that the layers came with; null when the image was loaded without one. */
    @Column(name = "manifest_digest")
    public String manifestDigest;

    /** Id of the image that it was committed on, which may be gone; null when it came from elsewhere. */
    public String parent;

    @Column(name = "tagged_at")
    public Instant taggedAt;
}
