package dev.gantry.image.store;

/**
 * A layer in the content store.
 *
 * @param size bytes of the blob
 * @param contentSize bytes of the tar within
 */
public record LayerBlob(String diffId, String digest, String mediaType, long size, long contentSize) {}
