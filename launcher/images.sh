# Container images: an archive with one for each service, the gateway and the agent. Sourced.

# Of the user that all but the agent run as.
IMAGE_USER=10001

# What a host's agent calls; see PACKAGES.
AGENT_TOOLS="crun runc conmon nftables libnftables1 iproute2 util-linux procps curl"
SECCOMP=/usr/share/containers/seccomp.json

IMAGES_LOG=$CACHES/images.log

# images [--out DIRECTORY] [--base IMAGE] [--push PREFIX] [--servers]
images() {
  local out=$PWD base="" push="" arguments=("$@")
  need_root
  SERVERS=""
  while [ $# -gt 0 ]; do
    case $1 in
      --servers)
        SERVERS="postgres kafka balancer"
        shift
        continue
        ;;
      --out) out=${2:-} ;;
      --base) base=${2:-} ;;
      --push) push=${2:-} ;;
      *) refuse "unknown option $1 of images; there are --out DIRECTORY, --base IMAGE, --push PREFIX and --servers" ;;
    esac
    [ -n "${2:-}" ] || refuse "$1 needs a value"
    shift 2
  done
  [ -d "$out" ] || refuse "there is no directory $out"
  # Mounts of ours are in a namespace of our own, and go with us.
  [ "${IMAGES_APART:-}" = "$PPID" ] ||
    exec unshare --mount --propagation private sh -c 'IMAGES_APART=$$; export IMAGES_APART; "$@"' - \
      "$HERE/gantry" ${CONFIG:+--config "$CONFIG"} images "${arguments[@]}"
  unset IMAGES_APART
  find_jdk || exit 1
  install_packages
  need_programs jq:jq setfattr:attr ${base:+skopeo:skopeo} ${push:+skopeo:skopeo}
  [ -n "$base" ] || need_programs debootstrap:debootstrap
  PROCESSES=separate build
  mkdir -p "$CACHES"
  exec 9>"$CACHES/images.lock"
  flock --nonblock 9 || fail "images are being made already"
  STAGE=$CACHES/images
  trap 'umount -q -l "$STAGE/merged" || true; rm -rf "$STAGE"' EXIT
  rm -rf "$STAGE"
  # What is in there is executable for others, and older than what the machine has.
  mkdir -m 700 "$STAGE"
  (umask 077 && : >"$IMAGES_LOG")
  VERSION=$(sed -n 's/^  <version>\(.*\)<\/version>/\1/p' "$HERE/pom.xml")
  EPOCH=$(source_epoch)
  make_images "$out" "$base"
  [ -z "$push" ] || push_images "$push"
}

# make_images DIRECTORY BASE: with STAGE, VERSION and EPOCH as above.
make_images() (
  local out=$1 base=$2 part
  shopt -s inherit_errexit
  umask 022
  export DAY=$((EPOCH / 86400)) USER_ID=$IMAGE_USER
  mkdir -p "$STAGE/blobs/sha256"
  if [ -n "$base" ]; then
    say "taking the base $base"
    unpack_image "$base"
  else
    say "making a base of Debian"
    debian_root
  fi
  say "making layers of what the parts share"
  packages_layer packages "$LOWER" tini openssl
  # shellcheck disable=SC2086
  packages_layer tools "$STAGE/packages:$LOWER" $AGENT_TOOLS
  mkdir -p "$STAGE/java$INSTALLED"
  cut_runtime "$JAVA_HOME" "$STAGE/java$INSTALLED/runtime"
  same_times "$STAGE/java" "$EPOCH"
  applications_of_images
  for part in packages tools java libraries; do
    layer "$part" "$STAGE/$part"
  done
  for part in $SERVICES gateway agent; do
    layer "$part" "$STAGE/of/$part"
    image "$part"
  done
  [ -z "$SERVERS" ] || images_of_servers
  archive_of_images "$out/gantry-images-$VERSION-$(architecture_of "$JAVA_HOME").tar"
)

# need_programs PROGRAM:PACKAGE...
need_programs() {
  local entry missing=""
  for entry in "$@"; do
    command -v "${entry%:*}" >/dev/null || [ -x "/usr/sbin/${entry%:*}" ] || missing="$missing ${entry#*:}"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update -qq >/dev/null 2>&1 || true
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
      fail "please install$missing"
  }
}

# Debian of this machine's release, from where this machine has its packages, as STAGE/base; SOURCES says from where.
debian_root() {
  local suite mirror
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  # shellcheck disable=SC2016
  SOURCES=$(apt-get indextargets --format 'deb $(SITE) $(RELEASE) main' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
    awk -v suite="$suite" '$3 == suite || index($3, suite "-") == 1' | sort -u)
  mirror=$(echo "$SOURCES" | awk -v suite="$suite" '$3 == suite && !found++ { print $2 }')
  [ -n "$suite" ] && [ -n "$mirror" ] ||
    fail "from where packages of Debian come is not known on this machine; --base IMAGE takes another base"
  debootstrap --variant=minbase --force-check-gpg "$suite" "$STAGE/base" "$mirror" >>"$IMAGES_LOG" 2>&1 ||
    fail "debootstrap failed; all of it is in $IMAGES_LOG"
  in_root "$STAGE/base" "$SCRIPT_UPGRADE" "$SOURCES"
  layer base "$STAGE/base"
  LOWER=$STAGE/base
}

# What is done in the file system of an image is done from inside: its links lead nowhere else then. Each script cleans
# up after itself: what only this machine, or this day, has. Of the documents the licences stay.
SCRIPT_CLEAN='
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    /var/cache/ldconfig /var/log/* /tmp/* /run/* /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian/* \
    /usr/share/bug/* /etc/resolv.conf /etc/hostname /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-
  [ ! -d /usr/share/doc ] || find /usr/share/doc -depth ! -name copyright \( -type f -o -type l -o -empty \) -delete
  [ ! -s /etc/machine-id ] || : >/etc/machine-id
  # Days since 1970 at which passwords were last changed.
  [ ! -f /etc/shadow ] || sed -i "s/^\([^:]*:[^:]*\):[0-9]*:/\1:$DAY:/" /etc/shadow
'
SCRIPT_SOURCES='
  set -e
  [ -z "$1" ] || echo "$1" >/etc/apt/sources.list
  apt-get update -qq
'
SCRIPT_UPGRADE="$SCRIPT_SOURCES
  apt-get upgrade -y -qq
  rm -f /etc/apt/sources.list
  $SCRIPT_CLEAN"
# One that brings sources of its own keeps them.
SCRIPT_INSTALL="$SCRIPT_SOURCES"'
  given=$1
  shift
  apt-get install -y -qq --no-install-recommends "$@"
  [ -z "$given" ] || rm -f /etc/apt/sources.list
  if ! grep -q "^gantry:" /etc/passwd; then
    echo "gantry:x:$USER_ID:$USER_ID:Gantry:/nonexistent:/usr/sbin/nologin" >>/etc/passwd
    echo "gantry:x:$USER_ID:" >>/etc/group
  fi
'"$SCRIPT_CLEAN"'
  mkdir -p /run/gantry /var/lib/gantry
  chmod 700 /run/gantry /var/lib/gantry
  chown "$USER_ID:$USER_ID" /run/gantry /var/lib/gantry
'

# in_root ROOT SCRIPT ARGUMENT...: with this machine's name servers and proxies, and none of its devices and processes.
in_root() {
  unshare --mount --pid --fork --kill-child --ipc --uts --propagation private sh -c '
    root=$1 script=$2
    shift 2
    mount -t proc proc "$root/proc" && mount -t tmpfs -o mode=755 tmpfs "$root/dev" || exit
    for device in null:3 zero:5 full:7 random:8 urandom:9; do
      mknod -m 666 "$root/dev/${device%:*}" c 1 "${device#*:}" || exit
    done
    chroot "$root" /bin/sh -c "rm -f /etc/resolv.conf && cat >/etc/resolv.conf" </etc/resolv.conf || exit
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C DAY="$DAY" \
      USER_ID="$USER_ID" http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" /bin/sh -c "umask 022; $script" - "$@"' \
    - "$@" </dev/null >>"$IMAGES_LOG" 2>&1 || fail "installing what the images need failed; all of it is in $IMAGES_LOG"
}

# packages_layer NAME LOWER PACKAGE...: what installing them adds to the directories below, as STAGE/NAME.
packages_layer() {
  local name=$1 lower=$2
  shift 2
  mkdir -p "$STAGE/$name" "$STAGE/work" "$STAGE/merged"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$STAGE/$name,workdir=$STAGE/work,redirect_dir=off,metacopy=off" \
    "$STAGE/merged"
  in_root "$STAGE/merged" "$SCRIPT_INSTALL" "${SOURCES:-}" "$@"
  [ "$name" != tools ] || chroot "$STAGE/merged" /bin/sh -c "umask 022; mkdir -p ${SECCOMP%/*} && cat >$SECCOMP" <"$SECCOMP"
  umount "$STAGE/merged"
  rm -rf "$STAGE/work"
}

# unpack_image IMAGE: its layers as directories of their own, LOWER, in overlayfs' form, so that no link of one leads out of it when
# the next is unpacked; and as the files that they are.
unpack_image() {
  local given=$STAGE/given policy="" digest count=0
  [ -e /etc/containers/policy.json ] || policy=--insecure-policy
  # shellcheck disable=SC2086
  skopeo $policy copy --quiet --src-tls-verify="$(must_verify "${1#docker://}")" --format oci "$1" "dir:$given" >>"$IMAGES_LOG" 2>&1 ||
    fail "the image $1 cannot be fetched: $(tail -n 1 "$IMAGES_LOG")"
  LOWER="" SOURCES=""
  while read -r digest; do
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || fail "the image $1 has a layer of another digest than SHA-256"
    count=$((count + 1))
    mkdir "$given/$count"
    tar --extract --auto-compress --file "$given/${digest#sha256:}" --directory "$given/$count" --numeric-owner \
      --xattrs --xattrs-include=security.capability --delay-directory-restore >>"$IMAGES_LOG" 2>&1 ||
      fail "a layer of $1 cannot be unpacked: $(tail -n 1 "$IMAGES_LOG")"
    overlay_whiteouts "$given/$count"
    cp "$given/${digest#sha256:}" "$STAGE/blobs/sha256/${digest#sha256:}"
    LOWER=$given/$count${LOWER:+:$LOWER}
  done < <(jq -r '.layers[].digest' "$given/manifest.json")
  [ "$count" -gt 0 ] || fail "the image $1 has no layers"
  jq -r --slurpfile config "$given/$(jq -r '.config.digest | ltrimstr("sha256:")' "$given/manifest.json")" \
    '[.layers, $config[0].rootfs.diff_ids] | transpose[] | [.[0].digest, .[0].size, .[0].mediaType, .[1]] | @tsv' \
    "$given/manifest.json" >"$STAGE/base.layer"
}

# must_verify NAME: whether the registry must show a certificate. As Docker has it, one on this machine needs none.
must_verify() {
  [[ $1 =~ ^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?(/|$) ]] && echo false || echo true
}

# overlay_whiteouts DIRECTORY: from a layer's words to overlayfs'.
overlay_whiteouts() {
  local file directory
  find "$1" -name '.wh.*' -print0 | while IFS= read -r -d '' file; do
    directory=${file%/*}
    rm -rf "$file"
    case ${file##*/} in
      .wh..wh..opq) setfattr -n trusted.overlay.opaque -v y "$directory" ;;
      .wh..wh.*) ;;
      *) mknod "$directory/${file##*/.wh.}" c 0 0 ;;
    esac
  done
}

# layer_whiteouts DIRECTORY: and back.
layer_whiteouts() {
  local file
  find "$1" -type c -print0 | while IFS= read -r -d '' file; do
    [ "$(stat -c %t:%T "$file")" = 0:0 ] || continue
    rm "$file"
    : >"${file%/*}/.wh.${file##*/}"
  done
  find "$1" -type d -print0 | while IFS= read -r -d '' file; do
    ! getfattr --only-values -n trusted.overlay.opaque "$file" >/dev/null 2>&1 || : >"$file/.wh..wh..opq"
  done
}

# layer NAME DIRECTORY: digest, size, media type and digest of the plain tar go to STAGE/NAME.layer.
layer() {
  local tar=$STAGE/$1.tar file=$STAGE/$1.tar.gz digest
  layer_whiteouts "$2"
  tar --create --file "$tar" --sort=name --numeric-owner --mtime="@$EPOCH" --xattrs --xattrs-include=security.capability \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime -C "$2" .
  gzip -6n <"$tar" >"$file"
  digest=$(sha256sum <"$file" | cut -c1-64)
  printf 'sha256:%s\t%s\t%s\tsha256:%s\n' "$digest" "$(stat -c %s "$file")" application/vnd.oci.image.layer.v1.tar+gzip \
    "$(sha256sum <"$tar" | cut -c1-64)" >"$STAGE/$1.layer"
  rm "$tar"
  mv "$file" "$STAGE/blobs/sha256/$digest"
}

# STAGE/libraries, and STAGE/of/PART with what only that part has.
applications_of_images() {
  local root=$STAGE/trained part own
  mkdir -p "$root"
  put_applications "$root"
  put_scripts "$root" "$VERSION"
  cp -r "$STAGE/java$INSTALLED/runtime" "$root/runtime"
  share_libraries "$root"
  same_times "$root" "$EPOCH"
  train_package "$root" separate
  mkdir -p "$STAGE/libraries$INSTALLED"
  mv "$root/lib" "$STAGE/libraries$INSTALLED/lib"
  native_libraries "$STAGE/libraries$INSTALLED"
  install -m 755 "$HERE/launcher/images/authority" "$STAGE/libraries$INSTALLED/authority"
  for part in $SERVICES gateway agent; do
    own=$STAGE/of/$part$INSTALLED
    mkdir -p "$own/applications" "$own/caches"
    mv "$root/applications/$part" "$own/applications/$part"
    mv "$root/caches/$part.aot" "$own/caches/$part.aot"
    { jvm_flags "$part" && echo "-XX:-UsePerfData -Djava.library.path=$INSTALLED/native"; } | tr ' ' '\n' >"$own/java.options"
    sed "s/@PART@/$part/g" "$HERE/launcher/images/start" >"$own/start"
    sed "s/@PART@/$part/g" "$HERE/launcher/images/health" >"$own/health"
    cp "$HERE/LICENSE" "$own/"
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
  for jar in "$1"/applications/{agent,gateway,*-service}/lib/*/*.jar; do
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

# image PART
image() {
  local part=$1 user=$IMAGE_USER:$IMAGE_USER tools=""
  [ "$part" != agent ] || { tools=tools && user=0:0; }
  # shellcheck disable=SC2086
  write_image "$part" "$(jq -n --arg part "$part" --arg user "$user" --arg installed "$INSTALLED" '
    {
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
      Entrypoint: ["/usr/bin/tini", "-s", "--", "\($installed)/start"],
      Healthcheck: {
        Test: ["CMD", "\($installed)/health"],
        Interval: 10000000000,
        Timeout: 5000000000,
        StartPeriod: 300000000000,
        StartInterval: 1000000000,
        Retries: 3
      },
      ExposedPorts: (if $part == "agent" then {"9323/tcp": {}} elif $part == "gateway" then {"2376/tcp": {}, "9321/tcp": {}}
        else {"9321/tcp": {}, "9322/tcp": {}} end)
    }')" base packages $tools java libraries "$part"
}

# Where the public images of PostgreSQL, Kafka and HAProxy cannot be had: they are told what those are told, as far as compose files
# and manifests do.
images_of_servers() {
  say "making images of PostgreSQL and Kafka"
  packages_layer postgres "$STAGE/packages:$LOWER" postgresql
  # Debian makes a cluster when it is installed.
  rm -rf "$STAGE/postgres"/{var/lib/postgresql,etc/postgresql,etc/ssl/private}
  mkdir -p "$STAGE/postgres/usr/local/bin"
  install -m 755 "$HERE/launcher/images/postgres" "$STAGE/postgres/usr/local/bin/docker-entrypoint.sh"
  (cd "$STAGE/postgres/usr/local/bin" && ln -s ../../lib/postgresql/*/bin/* .)
  mkdir -p "$STAGE/postgres/var/lib/postgresql/data"
  layer postgres "$STAGE/postgres"
  write_image postgres '{
    "Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data"],
    "Entrypoint": ["/usr/bin/tini", "-s", "--", "docker-entrypoint.sh"], "Cmd": ["postgres"],
    "StopSignal": "SIGINT", "ExposedPorts": {"5432/tcp": {}}, "Volumes": {"/var/lib/postgresql/data": {}}
  }' base packages postgres
  packages_layer balancer "$STAGE/packages:$LOWER" haproxy
  layer balancer "$STAGE/balancer"
  write_image balancer "$(jq -n --arg user "$IMAGE_USER:$IMAGE_USER" '{
    User: $user, Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], Entrypoint: ["/usr/bin/tini", "-s", "--"], StopSignal: "SIGUSR1"
  }')" base packages balancer
  kafka_root "$STAGE/kafka"
  layer kafka "$STAGE/kafka"
  write_image kafka '{
    "User": "1000:1000",
    "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "Entrypoint": ["/usr/bin/tini", "-s", "--"],
    "ExposedPorts": {"9092/tcp": {}}, "Volumes": {"/var/lib/kafka/data": {}}
  }' base packages java kafka
}

# kafka_root DIRECTORY: the broker out of standalone's libraries, and the two of its scripts that it takes.
kafka_root() {
  local lib script
  lib=$(dirname "$(jar_of standalone)")/lib
  mkdir -p "$1"/opt/kafka/{bin,libs} "$1/var/lib/kafka/data"
  cp "$lib"/{boot,main}/*.jar "$1/opt/kafka/libs/"
  # What a broker has no use for.
  (cd "$1/opt/kafka/libs" && rm -f dev.gantry.* io.{quarkus,vertx,netty,agroal}.* org.{hibernate,flywaydb,postgresql,jboss.resteasy}.*)
  for script in kafka-storage:kafka.tools.StorageTool kafka-server-start:kafka.Kafka; do
    printf '#!/bin/sh\n# shellcheck disable=SC2086\nexec %s ${KAFKA_HEAP_OPTS:--Xmx256m} -XX:+ExitOnOutOfMemoryError -cp "/opt/kafka/libs/*" %s "$@"\n' \
      "$INSTALLED/runtime/bin/java" "${script#*:}" >"$1/opt/kafka/bin/${script%:*}.sh"
    chmod 755 "$1/opt/kafka/bin/${script%:*}.sh"
  done
  chown 1000:1000 "$1/var/lib/kafka/data"
  chmod 700 "$1/var/lib/kafka/data"
}

# write_image NAME CONFIG LAYER...: configuration, with what all have in common, and manifest.
write_image() {
  local part=$1 config=$2 layers=$STAGE/$1.layers created title digest
  shift 2
  (cd "$STAGE" && cat "${@/%/.layer}") >"$layers"
  created=$(date -u -d "@$EPOCH" +%Y-%m-%dT%H:%M:%SZ)
  title="Gantry: $part"
  jq -n --rawfile layers "$layers" --argjson config "$config" --arg created "$created" --arg title "$title" \
    --arg version "$VERSION" --arg revision "$(git -C "$HERE" describe --always --abbrev=40 --dirty --exclude '*' 2>/dev/null || true)" \
    --arg architecture "$(architecture_of "$JAVA_HOME")" '
    {
      created: $created,
      architecture: $architecture,
      os: "linux",
      config: ($config + {
        WorkingDir: "/",
        StopSignal: ($config.StopSignal // "SIGTERM"),
        Labels: ({
          "org.opencontainers.image.title": $title,
          "org.opencontainers.image.description": "A part of Gantry, a container platform that speaks the Docker Engine API",
          "org.opencontainers.image.version": $version,
          "org.opencontainers.image.revision": $revision,
          "org.opencontainers.image.created": $created,
          "org.opencontainers.image.licenses": "Apache-2.0",
          "org.opencontainers.image.vendor": "The Gantry authors"
        } | with_entries(select(.value != "")))
      }),
      rootfs: {type: "layers", diff_ids: [$layers | split("\n")[] | select(. != "") | split("\t")[3]]},
      history: [$layers | split("\n")[] | select(. != "") | {created: $created, created_by: "gantry images"}]
    }' >"$STAGE/$part.config"
  digest=$(blob "$STAGE" "$STAGE/$part.config")
  jq -n --rawfile layers "$layers" --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$STAGE/$part.config")" \
    --slurpfile config "$STAGE/$part.config" '
    {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $digest, size: $size},
      layers: [$layers | split("\n")[] | select(. != "") | split("\t") |
        {mediaType: .[2], digest: .[0], size: (.[1] | tonumber)}],
      annotations: $config[0].config.Labels
    }' >"$STAGE/$part.manifest"
  blob "$STAGE" "$STAGE/$part.manifest" >"$STAGE/$part.digest"
  echo "$digest" >"$STAGE/$part.config-digest"
}

# blob STAGE FILE: its digest.
blob() {
  local digest
  digest=$(sha256sum <"$2" | cut -c1-64)
  cp "$2" "$1/blobs/sha256/$digest"
  echo "$digest"
}

# archive_of_images FILE: an OCI layout, which has what `docker load` of every release looks for, too.
archive_of_images() {
  local part
  echo '{"imageLayoutVersion": "1.0.0"}' >"$STAGE/oci-layout"
  for part in $SERVICES gateway agent $SERVERS; do
    jq -n --arg name "gantry/$part:$VERSION" --arg digest "sha256:$(cat "$STAGE/$part.digest")" \
      --argjson size "$(stat -c %s "$STAGE/$part.manifest")" --slurpfile config "$STAGE/$part.config" '
      {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: $digest,
        size: $size,
        platform: {architecture: $config[0].architecture, os: "linux"},
        annotations: {"org.opencontainers.image.ref.name": $name, "io.containerd.image.name": "docker.io/\($name)"}
      }'
  done | jq -s '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' >"$STAGE/index.json"
  for part in $SERVICES gateway agent $SERVERS; do
    jq -n --arg name "gantry/$part:$VERSION" --arg config "$(cat "$STAGE/$part.config-digest")" --rawfile layers "$STAGE/$part.layers" '
      {
        Config: "blobs/sha256/\($config)",
        RepoTags: [$name],
        Layers: [$layers | split("\n")[] | select(. != "") | split("\t")[0] | "blobs/sha256/\(ltrimstr("sha256:"))"]
      }'
  done | jq -s . >"$STAGE/manifest.json"
  tar --create --file "$1" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=r,a+X --mtime="@$EPOCH" --format=gnu \
    -C "$STAGE" oci-layout index.json manifest.json blobs
  say "made $1, $(du -h "$1" | cut -f1)"
}

# push_images PREFIX: to PREFIX/gateway and so on.
push_images() {
  local part policy=""
  [ -e /etc/containers/policy.json ] || policy=--insecure-policy
  for part in $SERVICES gateway agent $SERVERS; do
    # shellcheck disable=SC2086
    skopeo $policy copy --quiet --dest-tls-verify="$(must_verify "$1")" "oci:$STAGE:gantry/$part:$VERSION" \
      "docker://$1/$part:$VERSION" >>"$IMAGES_LOG" 2>&1 ||
      fail "$1/$part cannot be pushed: $(tail -n 1 "$IMAGES_LOG")"
    say "pushed $1/$part:$VERSION"
  done
}
