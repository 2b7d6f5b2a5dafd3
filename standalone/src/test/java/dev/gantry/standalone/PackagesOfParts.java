package dev.gantry.standalone;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;

/**
 * A slice for each package right below one of the parts, with all below it, and one for the part's own package.
 *
 * @param parts those within others first
 */
record PackagesOfParts(String... parts) implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
        String name = type.getPackageName();
        return Arrays.stream(parts)
                .filter(part -> name.equals(part) || name.startsWith(part + "."))
                .findFirst()
                .map(part -> SliceIdentifier.of(part, below(part, name)))
                .orElseGet(SliceIdentifier::ignore);
    }

    private static String below(String part, String name) {
        return name.equals(part) ? "" : name.substring(part.length() + 1).split("\\.", 2)[0];
    }

    @Override
    public String getDescription() {
        return "the packages of each part";
    }
}
