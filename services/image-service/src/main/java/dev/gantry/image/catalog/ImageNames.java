package dev.gantry.image.catalog;

import dev.gantry.engine.version.ApiVersion;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.reference.ReferencePattern;
import dev.gantry.image.store.ReferenceEntity;
import java.util.List;

/** The references that lead to one image. */
record ImageNames(List<Reference> tags, List<Reference> digests) {
    /** Until then an image without names was shown as {@code <none>:<none>}. */
    private static final ApiVersion EMPTY_SINCE = new ApiVersion(1, 43);

    static ImageNames of(List<ReferenceEntity> references) {
        return new ImageNames(
                references.stream()
                        .filter(reference -> !reference.isDigest())
                        .map(ReferenceEntity::reference)
                        .toList(),
                references.stream()
                        .filter(ReferenceEntity::isDigest)
                        .map(ReferenceEntity::reference)
                        .toList());
    }

    /** Those that fit one of the patterns; all when there is no pattern. */
    ImageNames matching(List<String> globs) {
        if (globs.isEmpty()) {
            return this;
        }
        List<ReferencePattern> patterns =
                globs.stream().map(ReferencePattern::of).toList();
        return new ImageNames(matching(tags, patterns), matching(digests, patterns));
    }

    private static List<Reference> matching(List<Reference> references, List<ReferencePattern> patterns) {
        return references.stream()
                .filter(reference -> patterns.stream().anyMatch(pattern -> pattern.matches(reference)))
                .toList();
    }

    boolean isEmpty() {
        return tags.isEmpty() && digests.isEmpty();
    }

    List<String> repoTags(ApiVersion version) {
        return isEmpty() && version.before(EMPTY_SINCE) ? List.of("<none>:<none>") : familiar(tags);
    }

    List<String> repoDigests(ApiVersion version) {
        return isEmpty() && version.before(EMPTY_SINCE) ? List.of("<none>@<none>") : familiar(digests);
    }

    static List<String> familiar(List<Reference> references) {
        return references.stream().map(Reference::familiar).toList();
    }
}
