# The daemons. Usually two: standalone (services, gateway, PostgreSQL, Kafka) and agent. With gantry.processes=separate
# each service, the gateway and the servers they need are processes too. Sourced.

# Small heaps with small young parts, few threads, what is free given back: everything together stays below 700 MiB.
# Caches are mapped where they were made for: relocated, their pages would be private memory instead of the file's.
jvm_flags() {
  local heap="-Xmx96m -Xmn12m"
  [ "$1" != agent ] || heap="-Xmx64m -Xmn8m"
  [ "$1" != standalone ] || heap="-Xmx192m -Xmn20m"
  echo "-Xms32m $heap -Xss512k -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:ReservedCodeCacheSize=64m" \
    "-XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25 -XX:+ExitOnOutOfMemoryError -XX:TrimNativeHeapInterval=10000" \
    "-XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -Xlog:disable -Xlog:all=error:stderr" \
    "-Dio.netty.allocator.numDirectArenas=2 -Dio.netty.allocator.numHeapArenas=2 -Dio.netty.allocator.maxOrder=5" \
    "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
}

pid_file() {
  echo "$RUN/$1.pid"
}

# Prints the pid when the part runs: the process must be ours, not one that got the number later.
pid_of() {
  local pid
  pid=$(cat "$(pid_file "$1")" 2>/dev/null) || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qx -- "-Dgantry.instance=$RUN" || return 1
  echo "$pid"
}

# What a part is told besides the configuration file: of separate processes, where the others are.
environment_of() {
  local service port=9070
  [ "$PROCESSES" = separate ] && [ "$1" != servers ] || return 0
  for service in image-service container-service network-service event-service; do
    port=$((port + 1))
    local url
    url=$(setting "gantry.$service.url" "http://127.0.0.1:$port")
    echo "GANTRY_$(echo "$service" | tr 'a-z-' 'A-Z_')_URL=$url"
    [ "$1" != "$service" ] || printf '%s\n' QUARKUS_HTTP_HOST=127.0.0.1 "QUARKUS_HTTP_PORT=${url##*:}"
    [ "$service" != image-service ] || echo "GANTRY_IMAGE_CONTENT_URL=$url/internal/image-service/content/"
    [ "$service" != container-service ] || echo "GANTRY_AGENT_CONTROL=$url"
  done
  [ "$1" != gateway ] || printf '%s\n' QUARKUS_HTTP_HOST=127.0.0.1 "QUARKUS_HTTP_PORT=$(setting gantry.health.port 9321)"
  [ "$1" = agent ] || [ ! -f "$RUN/servers.properties" ] ||
    sed 's/^\([^=]*\)=/\1 /' "$RUN/servers.properties" | while read -r key value; do
      echo "$(echo "$key" | tr 'a-z.-' 'A-Z__')=$value"
    done
}

# What java runs: an application, or the servers out of standalone's libraries.
program_of() {
  if [ "$1" = servers ]; then
    local lib=$HERE/standalone/target/quarkus-app/lib
    echo "-cp $lib/main/*:$lib/boot/* dev.gantry.embedded.Servers $DATA $RUN/servers.properties"
  else
    echo "-jar $(jar_of "$1")"
  fi
}

start() {
  local part=$1 flags environment program
  pid_of "$part" >/dev/null && return 0
  if [ "$part" = servers ] && [ -n "$(setting gantry.postgres.jdbc-url "")" ]; then
    return 0
  fi
  say "starting $part"
  flags=$(jvm_flags "$part")
  cache_is_fresh "$part" && flags="$flags -XX:AOTCache=$(cache_of "$part")"
  environment=$(environment_of "$part")
  program=$(program_of "$part")
  [ "$part" != servers ] || [ ! -f "$RUN/servers.properties" ] ||
    mv "$RUN/servers.properties" "$RUN/servers.properties.before"
  (
    # Not by command line: one of them is a password.
    while IFS= read -r assignment; do
      [ -z "$assignment" ] || export "${assignment?}"
    done <<<"$environment"
    export MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
    # No globbing: one word of the program is a class path with a star.
    set -f
    # shellcheck disable=SC2086
    exec setsid "$JAVA_HOME/bin/java" $flags -Dgantry.instance="$RUN" -Dgantry.config="$CONFIG" $program
  ) </dev/null >"$LOG/$part.out" 2>&1 &
  echo $! >"$(pid_file "$part")"
  if [ "$part" = servers ]; then
    wait_for_servers
    stop_if_servers_moved
  fi
}

# Another process may have taken a port while the servers were down. The services are told addresses when they start.
stop_if_servers_moved() {
  local service
  [ -f "$RUN/servers.properties.before" ] || return 0
  if ! cmp -s "$RUN/servers.properties.before" "$RUN/servers.properties"; then
    for service in gateway event-service network-service container-service image-service; do
      stop "$service" 10
    done
  fi
  rm -f "$RUN/servers.properties.before"
}

wait_for_servers() {
  local i
  for ((i = 0; i < 600; i++)); do
    [ ! -f "$RUN/servers.properties" ] || return 0
    sleep 0.1
    pid_of servers >/dev/null || break
  done
  tail -n 20 "$LOG/servers.out" >&2
  fail "PostgreSQL and Kafka do not start; see $LOG/servers.out"
}

# stop PART SECONDS: asks, then insists.
stop() {
  local part=$1 pid i
  pid=$(pid_of "$part") || {
    rm -f "$(pid_file "$part")"
    return 0
  }
  say "stopping $part"
  kill "$pid" 2>/dev/null || true
  for ((i = 0; i < $2 * 10; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$(pid_file "$part")"
}

# ask PATH: what the Docker API answers.
ask() {
  curl -fs --max-time "${2:-10}" --unix-socket "$SOCKET" "http://gantry/$1"
}

# The API answers, a host is known, and its agent answers too where it is ours.
is_ready() {
  curl -fs --max-time 2 -o /dev/null --unix-socket "$RUN/agent.sock" http://agent/v1/host &&
    ask _ping 2 >/dev/null 2>&1 && ask info 5 2>/dev/null | grep -q '"NCPU":[1-9]' && services_answer
}

# Of separate processes the others may be ready before these.
services_answer() {
  local path
  [ "$PROCESSES" = separate ] || return 0
  for path in containers/json images/json networks "events?since=0&until=1"; do
    ask "$path" 5 >/dev/null 2>&1 || return 1
  done
}

wait_until_ready() {
  local i part
  for ((i = 0; i < 1200; i++)); do
    is_ready && return 0
    for part in $PARTS; do
      [ "$part" = servers ] || pid_of "$part" >/dev/null || {
        tail -n 20 "$LOG/$part.out" >&2
        fail "$part ended while starting; see $LOG/$part.out and $LOG/$part.log"
      }
    done
    ((i % 50 == 49)) && say "waiting until the services and the agent are ready"
    sleep 0.1
  done
  fail "not ready after two minutes; see $LOG"
}
