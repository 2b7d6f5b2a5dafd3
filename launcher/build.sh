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
  [ "$PROCESSES" = together ] || return 0
  # Those of a package come with it: without the exercise's own JDK none are made.
  [ -z "$PACKAGED" ] || [ -n "${EXERCISE_JDK:-}" ] || return 0
  if cache_is_fresh standalone && cache_is_fresh agent; then
    return 0
  fi
  say "making the AOT caches for quick starts (once for each build)"
  local aside
  mkdir -p "$CACHES"
  aside=$(mktemp -d "$CACHES/aside.XXXXXX")
  chmod 711 "$CACHES" "$aside"
  if ! record_and_create "$aside" >"$CACHES/caches.log" 2>&1; then
    say "no AOT cache, see $CACHES/caches.log; starts take longer"
  fi
  rm -rf "$aside"
}

# In a process of its own, so that the trap is its own too.
record_and_create() (
  local aside=$1 part pids="" pid
  set +e
  trap 'kill $pids 2>/dev/null' EXIT
  printf '%s\n' "gantry.data-dir=$aside/data" "gantry.run-dir=$aside/run" "gantry.log-dir=$aside/log" \
    "gantry.health.port=0" "gantry.agent.nftables-table=gantry-aside" "gantry.network.bridge=gantry-aside" >"$aside/properties"
  for part in standalone agent; do
    rm -f "$(cache_of "$part")"
    # shellcheck disable=SC2046
    env -i PATH="$PATH" MALLOC_ARENA_MAX=2 "$JAVA_HOME/bin/java" $(jvm_flags "$part") -Dgantry.config="$aside/properties" \
      -Dgantry.data-dir="$aside/data" -Dgantry.run-dir="$aside/run" \
      -XX:AOTMode=record -XX:AOTConfiguration="$aside/$part.conf" -jar "$(jar_of "$part")" </dev/null &
    pids="$pids $!"
  done
  exercise "$aside/run/docker.sock" || true
  for pid in $pids; do
    kill "$pid"
  done
  for pid in $pids; do
    wait "$pid"
  done
  pids=""
  # In case the exercise was cut short.
  RUN=$aside/run DATA=$aside/data TABLE=gantry-aside sweep
  create_cache agent "$aside" &
  pids=$!
  create_cache standalone "$aside" && wait "$pids"
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
