package dev.gantry.image.store;

/**
 * A layer in the content store.
 *
 * @param size bytes of the blob
 * @param tarSize bytes of the tar within, which {@code diffId} is the digest of
 * @param contentSize bytes of the files in the tar: what Docker calls the layer's size
 */
public record LayerBlob(String diffId, String digest, String mediaType, long size, long tarSize, long contentSize) {}
