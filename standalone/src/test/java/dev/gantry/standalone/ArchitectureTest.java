package dev.gantry.standalone;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.hibernate.reactive.stage.Stage;

/** The "never" column of the table of parts in ARCHITECTURE.md, and packaging by feature. */
@AnalyzeClasses(packages = "dev.gantry", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] SERVICES = {
        "dev.gantry.image..",
        "dev.gantry.container..",
        "dev.gantry.network..",
        "dev.gantry.event..",
        "dev.gantry.cluster.."
    };

    @ArchTest
    static final ArchRule engine_api_imports_no_service = noClasses()
            .that()
            .resideInAPackage("dev.gantry.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with("dev.gantry.service..", "dev.gantry.gateway..", "dev.gantry.standalone.."));

    @ArchTest
    static final ArchRule service_kit_imports_no_service = noClasses()
            .that()
            .resideInAPackage("dev.gantry.service..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with("dev.gantry.gateway..", "dev.gantry.standalone.."));

    @ArchTest
    static final ArchRule agent_api_imports_neither_engine_api_nor_a_service = noClasses()
            .that()
            .resideInAPackage("dev.gantry.agent.api..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with("dev.gantry.engine..", "dev.gantry.service..", "dev.gantry.gateway.."));

    @ArchTest
    static final ArchRule tar_imports_nothing_of_ours = noClasses()
            .that()
            .resideInAPackage("dev.gantry.tar..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.gantry..").and(resideOutsideOfPackage("dev.gantry.tar..")));

    @ArchTest
    static final ArchRule gateway_knows_no_service = noClasses()
            .that()
            .resideInAPackage("dev.gantry.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(with("dev.gantry.service.."));

    @ArchTest
    static final ArchRule gateway_keeps_no_state = noClasses()
            .that()
            .resideInAPackage("dev.gantry.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.persistence..", "org.hibernate..", "io.vertx..sqlclient..", "java.sql..");

    @ArchTest
    static final ArchRule image_service_knows_no_other = knowsNoOther("dev.gantry.image..");

    @ArchTest
    static final ArchRule container_service_knows_no_other = knowsNoOther("dev.gantry.container..");

    @ArchTest
    static final ArchRule network_service_knows_no_other = knowsNoOther("dev.gantry.network..");

    @ArchTest
    static final ArchRule event_service_knows_no_other = knowsNoOther("dev.gantry.event..");

    @ArchTest
    static final ArchRule cluster_service_knows_no_other = knowsNoOther("dev.gantry.cluster..");

    /** Mounts, runtimes, ip and nft are the agent's: a service starts no process and calls no C function. */
    @ArchTest
    static final ArchRule services_run_nothing_on_the_host = noClasses()
            .that()
            .resideInAnyPackage(SERVICES)
            .or()
            .resideInAPackage("dev.gantry.gateway..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.foreign..");

    /** Two deletes of one kind of entity at once would hang: {@code Rows.delete} tells why and is to be used. */
    @ArchTest
    static final ArchRule rows_are_not_deleted_by_sessions = noClasses()
            .should()
            .callMethodWhere(target(nameMatching("remove(All)?"))
                    .and(target(owner(assignableTo(Mutiny.Session.class)
                            .or(assignableTo(Mutiny.StatelessSession.class))
                            .or(assignableTo(Stage.Session.class)))))
                    .as("Session.remove or removeAll is called"));

    @ArchTest
    static final ArchRule packages_are_named_for_features = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..impl..", "..dto..", "..misc..");

    @ArchTest
    static final ArchRule parts_have_no_cycles =
            slices().matching("dev.gantry.(*)..").should().beFreeOfCycles();

    /** Also with what lies in a part's own package, beside its others. */
    @ArchTest
    static final ArchRule packages_of_a_part_have_no_cycles = slices().assignedFrom(new PackagesOfParts(
                    "dev.gantry.image",
                    "dev.gantry.container",
                    "dev.gantry.network",
                    "dev.gantry.event",
                    "dev.gantry.cluster",
                    "dev.gantry.service",
                    "dev.gantry.gateway",
                    "dev.gantry.agent.api",
                    "dev.gantry.agent",
                    "dev.gantry.engine",
                    "dev.gantry.embedded",
                    "dev.gantry.tar",
                    "dev.gantry.standalone"))
            .should()
            .beFreeOfCycles();

    /** The services and these. */
    private static String[] with(String... more) {
        return Stream.concat(Arrays.stream(SERVICES), Arrays.stream(more)).toArray(String[]::new);
    }

    private static ArchRule knowsNoOther(String own) {
        String[] others =
                Arrays.stream(SERVICES).filter(service -> !service.equals(own)).toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(own)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others);
    }
}
