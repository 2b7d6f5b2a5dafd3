package dev.gantry.image.reference;

import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name for an image, normalised: {@code busybox} becomes {@code docker.io/library/busybox}. The grammar and the
 * messages are those of github.com/distribution/reference.
 *
 * @param domain registry host, with port if it has one
 * @param path repository within the registry
 * @param tag null when there is none
 * @param digest null when there is none
 */
public record Reference(String domain, String path, String tag, String digest) {
    public static final String DEFAULT_DOMAIN = "docker.io";
    public static final String DEFAULT_TAG = "latest";

    private static final int MAX_NAME = 255;
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final String DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final String DOMAIN =
            "(?:" + DOMAIN_COMPONENT + "(?:\\." + DOMAIN_COMPONENT + ")*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?";
    private static final Pattern GRAMMAR = Pattern.compile(
            "(" + DOMAIN + ")/(" + COMPONENT + "(?:/" + COMPONENT
                    + ")*)(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");

    /** Parses what a client wrote; fails with {@code BadParameter} in Docker's words. */
    public static Reference parse(String text) {
        if (IDENTIFIER.matcher(text).matches()) {
            throw new EngineError.BadParameter(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        if (text.length() > MAX_NAME * 3) {
            throw invalid("");
        }
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        boolean hasDomain = first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.toLowerCase(Locale.ROOT).equals(first);
        String domain = hasDomain ? first : DEFAULT_DOMAIN;
        String rest = hasDomain ? text.substring(slash + 1) : text;
        if (domain.equals("index.docker.io")) {
            domain = DEFAULT_DOMAIN;
        }
        if (domain.equals(DEFAULT_DOMAIN) && rest.indexOf('/') < 0) {
            rest = "library/" + rest;
        }
        requireLowerCase(rest);
        return match(domain, rest);
    }

    /** {@code repository} with a tag (may be empty), as {@code docker tag} gives them. */
    public static Reference of(String repository, String tag) {
        Reference name = parse(repository);
        if (name.digest != null) {
            throw new EngineError.BadParameter("refusing to create a tag with a digest reference");
        }
        return tag == null || tag.isEmpty()
                ? new Reference(name.domain, name.path, null, null).tagged()
                : name.with(tag);
    }

    private static Reference match(String domain, String rest) {
        Matcher matcher = GRAMMAR.matcher(domain + "/" + rest);
        if (!matcher.matches()) {
            throw invalid("");
        }
        if (matcher.group(1).length() + 1 + matcher.group(2).length() > MAX_NAME) {
            throw new EngineError.BadParameter("repository name must not be more than " + MAX_NAME + " characters");
        }
        String digest = matcher.group(4);
        if (digest != null && !Digest.isValid(digest)) {
            throw new EngineError.BadParameter(
                    digest.startsWith("sha256:") ? "invalid checksum digest length" : "unsupported digest algorithm");
        }
        return new Reference(matcher.group(1), matcher.group(2), matcher.group(3), digest);
    }

    private static void requireLowerCase(String rest) {
        int colon = rest.indexOf(':');
        String name = colon < 0 ? rest : rest.substring(0, colon);
        if (!name.toLowerCase(Locale.ROOT).equals(name)) {
            throw invalid(": repository name (" + name + ") must be lowercase");
        }
    }

    private static EngineError invalid(String detail) {
        return new EngineError.BadParameter("invalid reference format" + detail);
    }

    /** Whether the text is an image's full id, with or without {@code sha256:}. */
    public static boolean isIdentifier(String text) {
        return IDENTIFIER
                .matcher(text.startsWith("sha256:") ? text.substring(7) : text)
                .matches();
    }

    /** The same name with {@code latest} when it has neither tag nor digest. */
    public Reference tagged() {
        return tag == null && digest == null ? with(DEFAULT_TAG) : this;
    }

    /** The same repository with another tag. */
    public Reference with(String newTag) {
        if (!TAG.matcher(newTag).matches()) {
            throw new EngineError.BadParameter("invalid tag format");
        }
        return new Reference(domain, path, newTag, null);
    }

    /** The same repository at a digest, without a tag. */
    public Reference at(String newDigest) {
        return new Reference(domain, path, null, newDigest);
    }

    /** Registry and path, as stored: {@code docker.io/library/busybox}. */
    public String repository() {
        return domain + "/" + path;
    }

    /** As stored, whole. */
    public String name() {
        return repository() + suffix();
    }

    /** As shown: {@code busybox} for {@code docker.io/library/busybox}. */
    public String familiarName() {
        if (!domain.equals(DEFAULT_DOMAIN)) {
            return repository();
        }
        boolean official = path.startsWith("library/") && path.indexOf('/', "library/".length()) < 0;
        return official ? path.substring("library/".length()) : path;
    }

    /** As shown, whole. */
    public String familiar() {
        return familiarName() + suffix();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
}
