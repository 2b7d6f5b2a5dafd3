# Container images: an archive with one for each service, the gateway and the agent. Sourced.

# Of the user that all but the agent run as.
IMAGE_USER=10001

# What a host's agent calls; see PACKAGES.
AGENT_TOOLS="crun runc conmon nftables libnftables1 iproute2 util-linux procps curl"
SECCOMP=/usr/share/containers/seccomp.json

# What they hold besides those of their base: a runtime of Java; what the agent calls; libraries; each part's own.
IMAGES_LOG=$CACHES/images.log

# images [--out DIRECTORY] [--base IMAGE] [--push PREFIX]
images() {
  local out=$PWD base="" push="" stage version epoch part
  # Mounts of ours are in a namespace of our own, and go with us.
  [ -n "${IMAGES_APART:-}" ] ||
    IMAGES_APART=yes exec unshare --mount --propagation private "$HERE/gantry" ${CONFIG:+--config "$CONFIG"} images "$@"
  while [ $# -gt 0 ]; do
    case $1 in
      --out) out=${2:-} ;;
      --base) base=${2:-} ;;
      --push) push=${2:-} ;;
      *) refuse "unknown option $1 of images; there are --out DIRECTORY, --base IMAGE and --push PREFIX" ;;
    esac
    [ -n "${2:-}" ] || refuse "$1 needs a value"
    shift 2
  done
  [ -d "$out" ] || refuse "there is no directory $out"
  find_jdk || exit 1
  install_packages
  need_programs jq ${base:+skopeo} ${push:+skopeo} debootstrap
  PROCESSES=separate build
  version=$(sed -n 's/^  <version>\(.*\)<\/version>/\1/p' "$HERE/pom.xml")
  epoch=$(source_epoch)
  stage=$CACHES/images
  rm -rf "$stage"
  mkdir -p "$stage/blobs/sha256"
  : >"$IMAGES_LOG"
  (
    umask 022
    if [ -n "$base" ]; then
      say "taking the base $base"
      unpack_image "$stage" "$base"
    else
      say "making a base of Debian"
      debian_root "$stage/base" "$epoch"
      layer "$stage" base "$stage/base" "$epoch"
    fi
    say "making layers of what the parts share"
    runtime_layer "$stage" "$epoch"
    tools_layer "$stage" "$epoch"
    applications_of_images "$stage" "$version" "$epoch"
    layer "$stage" libraries "$stage/libraries" "$epoch"
    for part in $SERVICES gateway agent; do
      layer "$stage" "$part" "$stage/of/$part" "$epoch"
      image "$stage" "$part" "$version" "$epoch"
    done
    archive_of_images "$stage" "$out/gantry-images-$version-$(architecture_of "$JAVA_HOME").tar" "$epoch"
  )
  [ -z "$push" ] || push_images "$stage" "$push" "$version"
  rm -rf "$stage"
}

# Each is in a Debian package of its name.
need_programs() {
  local program missing=""
  for program in "$@"; do
    command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || missing="$missing $program"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
    fail "please install$missing"
}

# debian_root DIRECTORY EPOCH: Debian of this machine's release, from where this machine has its packages.
debian_root() {
  local root=$1 suite sources
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  sources=$(apt-get indextargets --format 'deb $(SITE) $(RELEASE) main' 'Created-By: Packages' 'Component: main' |
    awk -v suite="$suite" '$3 == suite || index($3, suite "-") == 1')
  [ -n "$suite" ] && [ -n "$sources" ] ||
    fail "from where packages of Debian come is not known on this machine; --base IMAGE takes another base"
  debootstrap --variant=minbase "$suite" "$root" "$(echo "$sources" | awk '{ print $2; exit }')" >>"$IMAGES_LOG" 2>&1 ||
    fail "debootstrap failed; all of it is in $IMAGES_LOG"
  echo "$sources" >"$root/etc/apt/sources.list"
  in_root "$root" apt-get update -qq
  in_root "$root" apt-get upgrade -y -qq
  clean_root "$root" "$2"
}

# in_root ROOT COMMAND...: with this machine's name servers.
in_root() {
  unshare --mount --propagation private sh -c '
    root=$1
    shift
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && : >>"$root/etc/resolv.conf" &&
      mount --bind /etc/resolv.conf "$root/etc/resolv.conf" &&
      exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"' \
    - "$@" >>"$IMAGES_LOG" 2>&1 || fail "\`${*:2}\` failed for the images; all of it is in $IMAGES_LOG"
}

# clean_root ROOT EPOCH: without what only this machine, or this day, has. Of the documents the licences stay.
clean_root() {
  local root=$1 file
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/debconf/*-old \
    "$root"/var/lib/dpkg/*-old "$root"/var/cache/ldconfig "$root"/var/log/* "$root"/tmp/* "$root"/run/* \
    "$root"/usr/share/{man,info,locale,lintian,bug}/* "$root"/etc/{resolv.conf,hostname} \
    "$root"/etc/{passwd,group,shadow,gshadow,subuid,subgid}-
  [ ! -d "$root/usr/share/doc" ] || find "$root/usr/share/doc" -depth ! -name copyright \( -type f -o -type l -o -empty \) -delete
  [ ! -e "$root/etc/machine-id" ] || : >"$root/etc/machine-id"
  # Days since 1970 at which passwords were last changed.
  file=$root/etc/shadow
  [ ! -f "$file" ] || sed -i "s/^\([^:]*:[^:]*\):[0-9]*:/\1:$(($2 / 86400)):/" "$file"
}

# unpack_image STAGE IMAGE: its file system as STAGE/base, its layers as they are.
unpack_image() {
  local stage=$1 given=$1/given digest file name
  skopeo --insecure-policy copy --quiet --format oci "$2" "dir:$given" >>"$IMAGES_LOG" 2>&1 ||
    fail "the image $2 cannot be fetched: $(tail -n 1 "$IMAGES_LOG")"
  mkdir -p "$stage/base"
  while read -r digest; do
    file=$given/${digest#sha256:}
    # What it removes of those below, then what it adds.
    tar --list --file "$file" --auto-compress 2>/dev/null | { grep -E '(^|/)\.wh\.' || true; } | while read -r name; do
      case $name in
        *.wh..wh..opq) find "$stage/base/$(dirname "$name")" -mindepth 1 -delete ;;
        *) rm -rf "$stage/base/$(dirname "$name")/${name##*.wh.}" ;;
      esac
    done
    tar --extract --file "$file" --directory "$stage/base" --exclude '.wh.*' --numeric-owner --delay-directory-restore
    cp "$file" "$stage/blobs/sha256/${digest#sha256:}"
  done < <(jq -r '.layers[].digest' "$given/manifest.json")
  jq -r --slurpfile config "$given/$(jq -r '.config.digest | ltrimstr("sha256:")' "$given/manifest.json")" \
    '[.layers, $config[0].rootfs.diff_ids] | transpose[] | [.[0].digest, .[0].size, .[0].mediaType, .[1]] | @tsv' \
    "$given/manifest.json" >"$stage/base.layer"
}

# layer STAGE NAME DIRECTORY EPOCH: appends digest, size, media type and digest of the plain tar to STAGE/NAME.layer.
layer() {
  local stage=$1 tar=$1/$2.tar file=$1/$2.tar.gz digest
  tar --create --file "$tar" --sort=name --numeric-owner --mtime="@$4" --format=gnu -C "$3" .
  gzip -6n <"$tar" >"$file"
  digest=$(sha256sum <"$file" | cut -c1-64)
  printf 'sha256:%s\t%s\t%s\tsha256:%s\n' "$digest" "$(stat -c %s "$file")" application/vnd.oci.image.layer.v1.tar+gzip \
    "$(sha256sum <"$tar" | cut -c1-64)" >>"$stage/$2.layer"
  rm "$tar"
  mv "$file" "$stage/blobs/sha256/$digest"
}

# overlaid STAGE NAME LOWER: from here on what is changed in STAGE/merged goes to STAGE/NAME.
overlaid() {
  mkdir -p "$1/$2" "$1/work" "$1/merged"
  mount -t overlay overlay -o "lowerdir=$3,upperdir=$1/$2,workdir=$1/work" "$1/merged"
}

# settle STAGE NAME EPOCH: the end of that; what was removed is said in a layer's words.
settle() {
  local file
  clean_root "$1/merged" "$3"
  umount "$1/merged"
  rm -rf "$1/work"
  find "$1/$2" -type c | while read -r file; do
    rm "$file"
    # That of a directory which is removed itself says it already.
    : >"${file%/*}/.wh.${file##*/}"
  done
}

runtime_layer() {
  local stage=$1
  overlaid "$stage" runtime "$stage/base"
  install_in "$stage/merged" tini openssl
  cut_runtime "$JAVA_HOME" "$stage/merged$INSTALLED/runtime"
  echo "gantry:x:$IMAGE_USER:$IMAGE_USER:Gantry:/nonexistent:/usr/sbin/nologin" >>"$stage/merged/etc/passwd"
  echo "gantry:x:$IMAGE_USER:" >>"$stage/merged/etc/group"
  install -d -m 700 -o "$IMAGE_USER" -g "$IMAGE_USER" "$stage/merged/run/gantry" "$stage/merged/var/lib/gantry"
  settle "$stage" runtime "$2"
  install -d -m 700 -o "$IMAGE_USER" -g "$IMAGE_USER" "$stage/runtime/run/gantry"
  same_times "$stage/runtime$INSTALLED" "$2"
  layer "$stage" runtime "$stage/runtime" "$2"
}

tools_layer() {
  local stage=$1
  overlaid "$stage" tools "$stage/runtime:$stage/base"
  # shellcheck disable=SC2086
  install_in "$stage/merged" $AGENT_TOOLS
  # Of its package, which would bring much else along, the file alone.
  install -D -m 644 "$SECCOMP" "$stage/merged$SECCOMP"
  settle "$stage" tools "$2"
  layer "$stage" tools "$stage/tools" "$2"
}

# install_in ROOT PACKAGE...
install_in() {
  local root=$1
  shift
  in_root "$root" apt-get update -qq
  in_root "$root" apt-get install -y -qq --no-install-recommends "$@"
}

# applications_of_images STAGE VERSION EPOCH: STAGE/libraries, and STAGE/of/PART with what only that part has.
applications_of_images() {
  local stage=$1 root=$1/trained part own
  mkdir -p "$root"
  put_applications "$root"
  put_scripts "$root" "$2"
  cp -r "$stage/runtime$INSTALLED/runtime" "$root/runtime"
  share_libraries "$root"
  same_times "$root" "$3"
  train_package "$root" separate
  mkdir -p "$stage/libraries$INSTALLED"
  mv "$root/lib" "$stage/libraries$INSTALLED/lib"
  native_libraries "$stage/libraries$INSTALLED"
  for part in $SERVICES gateway agent; do
    own=$stage/of/$part$INSTALLED
    mkdir -p "$own/applications" "$own/caches"
    mv "$root/applications/$part" "$own/applications/$part"
    mv "$root/caches/$part.aot" "$own/caches/$part.aot"
    { jvm_flags "$part" && echo "-XX:-UsePerfData -Dgantry.config= -Djava.library.path=$INSTALLED/native"; } | tr ' ' '\n' >"$own/java.options"
    sed "s/@PART@/$part/g" "$HERE/launcher/images/start" >"$own/start"
    cp "$HERE/launcher/images/health" "$HERE/LICENSE" "$own/"
    chmod 755 "$own/start" "$own/health"
  done
}

# native_libraries ROOT: what Netty would unpack to /tmp first, where nothing can be executed from a tmpfs of Docker's.
native_libraries() {
  local jar
  mkdir -p "$1/native"
  for jar in "$1"/lib/io.netty.netty-transport-native-epoll-*-linux-*.jar; do
    (cd "$1/native" && "$JAVA_HOME/bin/jar" xf "$jar" META-INF/native && mv META-INF/native/*.so . && rm -r META-INF)
  done
  chmod 644 "$1"/native/*
}

# share_libraries ROOT: those of others are in ROOT/lib, once each, and links where they were; ours are the parts' own.
share_libraries() {
  local jar name
  mkdir -p "$1/lib"
  for jar in "$1"/applications/*/lib/*/*.jar; do
    name=${jar##*/}
    # The latter finds its application by where it is itself.
    case $name in dev.gantry.* | io.quarkus.quarkus-bootstrap-runner-*) continue ;; esac
    if [ ! -e "$1/lib/$name" ]; then
      ln "$jar" "$1/lib/$name"
    elif ! cmp -s "$jar" "$1/lib/$name"; then
      # Quarkus takes unused classes out of some, in each application others.
      continue
    fi
    ln -sf "../../../../lib/$name" "$jar"
  done
}

# image STAGE PART VERSION EPOCH: configuration and manifest, whose digest and size are STAGE/PART.manifest then.
image() {
  local stage=$1 part=$2 layers user=$IMAGE_USER:$IMAGE_USER created title digest
  layers=$stage/$part.layers
  cat "$stage"/{base,runtime}.layer >"$layers"
  [ "$part" != agent ] || { cat "$stage/tools.layer" >>"$layers" && user=0:0; }
  cat "$stage/libraries.layer" "$stage/$part.layer" >>"$layers"
  created=$(date -u -d "@$4" +%Y-%m-%dT%H:%M:%SZ)
  title="Gantry: $part"
  jq -n --rawfile layers "$layers" --arg part "$part" --arg user "$user" --arg created "$created" --arg title "$title" \
    --arg version "$3" --arg revision "$(git -C "$HERE" rev-parse HEAD 2>/dev/null || true)" --arg installed "$INSTALLED" \
    --arg architecture "$(architecture_of "$JAVA_HOME")" '
    {
      created: $created,
      architecture: $architecture,
      os: "linux",
      config: {
        User: $user,
        Env: [
          "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
          "MALLOC_ARENA_MAX=2",
          "QUARKUS_LOG_FILE_ENABLED=false",
          "QUARKUS_LOG_CONSOLE_JSON_ENABLED=true",
          (if $part == "agent" then empty else
            "GANTRY_HEALTH_HOST=0.0.0.0",
            "QUARKUS_HTTP_HOST_ENABLED=false",
            "QUARKUS_HTTP_DOMAIN_SOCKET_ENABLED=true",
            "QUARKUS_HTTP_DOMAIN_SOCKET=/run/gantry/\($part).sock"
          end)
        ],
        Entrypoint: ["/usr/bin/tini", "--", "\($installed)/start"],
        WorkingDir: "/",
        StopSignal: "SIGTERM",
        Healthcheck: {
          Test: ["CMD", "\($installed)/health"],
          Interval: 10000000000,
          Timeout: 5000000000,
          StartPeriod: 60000000000,
          Retries: 3
        },
        ExposedPorts: (if $part == "agent" then {} elif $part == "gateway" then {"2376/tcp": {}, "9321/tcp": {}}
          else {"9321/tcp": {}, "9330/tcp": {}} end),
        Labels: ({
          "org.opencontainers.image.title": $title,
          "org.opencontainers.image.description": "A part of Gantry, a container platform that speaks the Docker Engine API",
          "org.opencontainers.image.version": $version,
          "org.opencontainers.image.revision": $revision,
          "org.opencontainers.image.created": $created,
          "org.opencontainers.image.licenses": "Apache-2.0",
          "org.opencontainers.image.vendor": "The Gantry authors"
        } | with_entries(select(.value != "")))
      },
      rootfs: {type: "layers", diff_ids: [$layers | split("\n")[] | select(. != "") | split("\t")[3]]},
      history: [$layers | split("\n")[] | select(. != "") | {created: $created, created_by: "gantry images"}]
    }' >"$stage/$part.config"
  digest=$(blob "$stage" "$stage/$part.config")
  jq -n --rawfile layers "$layers" --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$stage/$part.config")" \
    --slurpfile config "$stage/$part.config" '
    {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $digest, size: $size},
      layers: [$layers | split("\n")[] | select(. != "") | split("\t") |
        {mediaType: .[2], digest: .[0], size: (.[1] | tonumber)}],
      annotations: $config[0].config.Labels
    }' >"$stage/$part.manifest"
  blob "$stage" "$stage/$part.manifest" >"$stage/$part.digest"
  echo "$digest" >"$stage/$part.config-digest"
}

# blob STAGE FILE: its digest.
blob() {
  local digest
  digest=$(sha256sum <"$2" | cut -c1-64)
  cp "$2" "$1/blobs/sha256/$digest"
  echo "$digest"
}

# archive_of_images STAGE FILE EPOCH: an OCI layout, which has what `docker load` of every release looks for, too.
archive_of_images() {
  local stage=$1 part
  echo '{"imageLayoutVersion": "1.0.0"}' >"$stage/oci-layout"
  for part in $SERVICES gateway agent; do
    jq -n --arg name "gantry/$part:$version" --arg digest "sha256:$(cat "$stage/$part.digest")" \
      --argjson size "$(stat -c %s "$stage/$part.manifest")" --slurpfile config "$stage/$part.config" '
      {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: $digest,
        size: $size,
        platform: {architecture: $config[0].architecture, os: "linux"},
        annotations: {"org.opencontainers.image.ref.name": $name, "io.containerd.image.name": "docker.io/\($name)"}
      }'
  done | jq -s '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' >"$stage/index.json"
  for part in $SERVICES gateway agent; do
    jq -n --arg name "gantry/$part:$version" --arg config "$(cat "$stage/$part.config-digest")" --rawfile layers "$stage/$part.layers" '
      {
        Config: "blobs/sha256/\($config)",
        RepoTags: [$name],
        Layers: [$layers | split("\n")[] | select(. != "") | split("\t")[0] | "blobs/sha256/\(ltrimstr("sha256:"))"]
      }'
  done | jq -s . >"$stage/manifest.json"
  tar --create --file "$2" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=r,a+X --mtime="@$3" --format=gnu \
    -C "$stage" oci-layout index.json manifest.json blobs
  say "made $2, $(du -h "$2" | cut -f1)"
}

# push_images STAGE PREFIX VERSION: to PREFIX/gateway and so on.
push_images() {
  local part verify=true
  # As Docker has it, a registry on this machine needs no certificate.
  [[ ! $2 =~ ^(localhost|127\.|\[::1\]) ]] || verify=false
  for part in $SERVICES gateway agent; do
    skopeo --insecure-policy copy --quiet --dest-tls-verify=$verify "oci:$1:gantry/$part:$3" "docker://$2/$part:$3" >>"$IMAGES_LOG" 2>&1 ||
      fail "$2/$part cannot be pushed: $(tail -n 1 "$IMAGES_LOG")"
    say "pushed $2/$part:$3"
  done
}
