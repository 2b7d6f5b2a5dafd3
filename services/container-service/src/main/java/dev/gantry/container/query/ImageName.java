package dev.gantry.container.query;

import java.util.List;

/** How a listing names a container's image. */
final class ImageName {
    private ImageName() {}

    /**
     * What the client wrote at create while it still means the image, else the image's id.
     *
     * @param references the image's references now; null when there is no such image any more
     */
    static String shown(String written, String imageId, List<String> references) {
        boolean byId = imageId.startsWith(written) || imageId.startsWith("sha256:" + written);
        if (byId || written.indexOf('@') >= 0) {
            return written;
        }
        String familiar = familiar(written);
        return references != null && references.contains(familiar) ? written : imageId;
    }

    /** With a tag, and without the parts that Docker leaves out. */
    private static String familiar(String written) {
        String name = written;
        for (String prefix : List.of("docker.io/", "index.docker.io/", "library/")) {
            if (name.startsWith(prefix)) {
                name = name.substring(prefix.length());
            }
        }
        return name.lastIndexOf(':') > name.lastIndexOf('/') ? name : name + ":latest";
    }
}
