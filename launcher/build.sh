# What must be there before anything can run: packages of the operating system, our jars, their AOT caches. Sourced.

CACHES=$HERE/.build
[ -z "$PACKAGED" ] || CACHES=$HERE/caches
PACKAGES="postgresql:initdb crun:crun runc:runc conmon:conmon nftables:nft iproute2:ip tini:tini curl:curl util-linux:setpriv procps:ps"

# Whether a program is installed; PostgreSQL keeps its own where no PATH leads.
has_program() {
  command -v "$1" >/dev/null || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1
}

missing_packages() {
  local missing="" entry
  for entry in $PACKAGES; do
    has_program "${entry#*:}" || missing="$missing ${entry%%:*}"
  done
  ldconfig -p 2>/dev/null | grep -F libnftables.so.1 >/dev/null || missing="$missing libnftables1"
  [ -e /usr/share/containers/seccomp.json ] || missing="$missing golang-github-containers-common"
  echo "$missing"
}

install_packages() {
  local missing
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || fail "please install what these Debian packages hold:$missing"
  say "installing packages:$missing"
  # PostgreSQL's package would start a server of its own at boot.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update -qq || fail "apt-get update failed"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
      fail "apt-get could not install:$missing"
  }
}

jar_of() {
  case ${PACKAGED:+packaged}$1 in
    packaged*) echo "$HERE/applications/$1/quarkus-run.jar" ;;
    *-service) echo "$HERE/services/$1/target/quarkus-app/quarkus-run.jar" ;;
    *) echo "$HERE/$1/target/quarkus-app/quarkus-run.jar" ;;
  esac
}

# Whether a part is older than something it is made of.
is_stale() {
  local jar
  jar=$(jar_of "$1")
  [ -f "$jar" ] || return 0
  [ -n "$(cd "$HERE" && find pom.xml tar agent-api engine-api embedded agent services gateway standalone \
    \( -name target -o -path '*/src/test' \) -prune -o -type f -newer "$jar" -print -quit)" ]
}

# The applications that the parts are: `servers` is in standalone's libraries.
applications() {
  echo "agent standalone"
  [ "$PROCESSES" = together ] || echo "$SERVICES gateway"
}

build() {
  local application stale="" skip=true
  [ -z "$PACKAGED" ] || return 0
  for application in $(applications); do
    ! is_stale "$application" || stale=yes
  done
  [ -n "$stale" ] || return 0
  [ "$PROCESSES" = together ] || skip=false
  say "building; the first time, this fetches libraries and takes a few minutes"
  mkdir -p "$CACHES"
  (cd "$HERE" && exec ./mvnw -B -Pup -T 1C -Dparts.skip=$skip -Daether.connector.basic.threads=12 \
    -pl agent,standalone -am package) >"$CACHES/build.log" 2>&1 &
  tell_progress $! "$CACHES/build.log"
  wait $! || {
    grep -E '^\[ERROR\]|^gantry:|^mvnw:' "$CACHES/build.log" | sed -n 1,20p >&2
    fail "the build failed; all of it is in $CACHES/build.log"
  }
  for application in $(applications); do
    touch "$(jar_of "$application")"
  done
}

# tell_progress PID LOG: each module as it begins, and what is fetched when nothing else is told for a while.
tell_progress() {
  local line at=1 quiet=0 fetched told=0
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    quiet=$((quiet + 1))
    while IFS= read -r line; do
      at=$((at + 1))
      if [[ $line =~ ^\[INFO\]\ Building\ ([a-z-]+)\ .*\[([0-9]+)/([0-9]+)\] ]]; then
        say "building ${BASH_REMATCH[1]} (module ${BASH_REMATCH[2]} of ${BASH_REMATCH[3]})"
        quiet=0
      elif [[ $line == mvnw:* ]]; then
        say "${line#mvnw: }"
      fi
    done < <(tail -n "+$at" "$2")
    fetched=$(grep -c '^Downloaded' "$2" || true)
    if [ "$quiet" -ge 10 ] && [ "$fetched" != "$told" ]; then
      say "$fetched files of libraries and build tools fetched so far"
      told=$fetched quiet=0
    fi
  done
}

cache_of() {
  echo "$CACHES/$1.aot"
}

# A cache serves the very jar and JDK that it was made with.
cache_is_fresh() {
  local cache
  cache=$(cache_of "$1")
  [ -z "$PACKAGED" ] || { [ -f "$cache" ] && return; }
  [ -f "$cache" ] && [ "$cache" -nt "$(jar_of "$1")" ] && [ "$(cat "$cache.jdk" 2>/dev/null)" = "$JAVA_HOME" ]
}

# Runs everything once, aside, to record which classes a start loads; the JDK makes caches of that. Without a cache a
# start takes some seconds longer, so a failure here is only said.
make_caches() {
  local aside part fresh=yes
  # Those of a package or an image come with it: without the exercise's own JDK none are made. Each service of its own has
  # one in its image only: altogether they are as large as all else.
  if [ -n "$PACKAGED" ]; then
    [ -n "${EXERCISE_JDK:-}" ] || return 0
  else
    [ "$PROCESSES" = together ] || return 0
  fi
  for part in $(trained_parts); do
    cache_is_fresh "$part" || fresh=""
  done
  [ -z "$fresh" ] || return 0
  say "making the AOT caches for quick starts (once for each build)"
  mkdir -p "$CACHES"
  aside=$(mktemp -d "$CACHES/aside.XXXXXX")
  chmod 711 "$CACHES" "$aside"
  if ! record_and_create "$aside" >"$CACHES/caches.log" 2>&1; then
    say "no AOT cache, see $CACHES/caches.log; starts take longer"
  fi
  rm -rf "$aside"
}

# All but the servers, which are trained with standalone or not at all.
trained_parts() {
  if [ "$PROCESSES" = together ]; then
    echo "standalone agent"
  else
    echo "$SERVICES gateway agent"
  fi
}

# In a process of its own, so that the trap, and where this instance is, are its own too.
record_and_create() (
  local aside=$1 part pids="" servers="" failed="" i
  set +e
  umask 077
  trap 'kill $pids $servers 2>/dev/null' EXIT
  printf '%s\n' "gantry.data-dir=$aside/data" "gantry.run-dir=$aside/run" "gantry.log-dir=$aside/log" \
    "gantry.processes=$PROCESSES" "gantry.health.port=0" "gantry.agent.nftables-table=gantry-aside" \
    "gantry.network.bridge=gantry-aside" >"$aside/properties"
  # Nothing that this instance's own settings say.
  for part in $(compgen -e); do
    case $part in
      PATH | JAVA_HOME) ;;
      GANTRY_* | QUARKUS_*) unset "$part" ;;
      *) export -n "${part?}" ;;
    esac
  done
  FILE_SETTINGS=() CONFIG=$aside/properties RUN=$aside/run DATA=$aside/data LOG=$aside/log TABLE=gantry-aside
  for part in $(trained_parts); do
    rm -f "$(cache_of "$part")"
  done
  make_directories
  if [ "$PROCESSES" = separate ]; then
    PARTS="servers $(trained_parts)"
    (become servers) </dev/null &
    servers=$!
    for ((i = 0; i < 600; i++)); do
      [ ! -f "$RUN/servers.properties" ] || break
      sleep 0.1
    done
  fi
  RECORDED=$aside
  for part in $(trained_parts); do
    (become "$part") </dev/null &
    pids="$pids $!"
  done
  # What is packed is for others: a cache that lacks something is none.
  exercise "$RUN/docker.sock" || failed=$PACKAGED
  # shellcheck disable=SC2086
  kill $pids
  # shellcheck disable=SC2086
  wait $pids
  pids=""
  # shellcheck disable=SC2086
  [ -z "$servers" ] || { kill $servers && wait $servers; }
  servers=""
  # In case the exercise was cut short.
  sweep
  [ -z "$failed" ] || return 1
  for part in $(trained_parts); do
    create_cache "$part" "$aside" &
    pids="$pids $!"
    # Two at once: each takes a core and some hundred megabytes.
    [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
  done
  wait
  pids=""
  for part in $(trained_parts); do
    [ -f "$(cache_of "$part")" ] || return 1
  done
)

create_cache() {
  local cache
  cache=$(cache_of "$1")
  # shellcheck disable=SC2046
  "$JAVA_HOME/bin/java" $(jvm_flags "$1") -XX:AOTMode=create -XX:AOTConfiguration="$2/$1.conf" -XX:AOTCache="$cache.new" \
    -jar "$(jar_of "$1")" || return 1
  mv "$cache.new" "$cache" || return 1
  echo "$JAVA_HOME" >"$cache.jdk"
}
