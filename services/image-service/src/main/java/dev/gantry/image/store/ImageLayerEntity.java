package dev.gantry.image.store;

import dev.gantry.agent.api.ContainerSpec;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;

/** One layer of one image; position 0 is the lowest. */
@Entity(name = "ImageLayerEntity")
@Table(schema = "image", name = "image_layer")
public class ImageLayerEntity {
    @Embeddable
    public record Key(@Column(name = "image_id") String imageId, int position) {}

    @EmbeddedId
    public Key id;

    @Column(name = "diff_id")
    public String diffId;

    @Column(name = "chain_id")
    public String chainId;

    public String digest;

    @Column(name = "media_type")
    public String mediaType;

    public long size;

    @Column(name = "tar_size")
    public long tarSize;

    @Column(name = "content_size")
    public long contentSize;

    protected ImageLayerEntity() {}

    ImageLayerEntity(String imageId, int position, String chainId, LayerBlob blob) {
        this.id = new Key(imageId, position);
        this.diffId = blob.diffId();
        this.chainId = chainId;
        this.digest = blob.digest();
        this.mediaType = blob.mediaType();
        this.size = blob.size();
        this.tarSize = blob.tarSize();
        this.contentSize = blob.contentSize();
    }

    public LayerBlob blob() {
        return new LayerBlob(diffId, digest, mediaType, size, tarSize, contentSize);
    }

    ContainerSpec.Layer forAgents(String contentUrl) {
        return new ContainerSpec.Layer(diffId, chainId, digest, mediaType, size, contentUrl + digest);
    }
}
