# The daemons: standalone (services, gateway, PostgreSQL, Kafka) and agent. Sourced.

PARTS="agent standalone"

# Small heaps, few threads, what is free given back: everything together stays below 700 MiB.
jvm_flags() {
  local heap=64m
  [ "$1" = agent ] || heap=192m
  echo "-Xms16m -Xmx$heap -Xss512k -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:ReservedCodeCacheSize=64m" \
    "-Xlog:disable -Xlog:all=error:stderr -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25 -XX:+ExitOnOutOfMemoryError" \
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
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qx -- "-Dgantry.instance=$RUN" || return 1
  echo "$pid"
}

start() {
  local part=$1 cache
  pid_of "$part" >/dev/null && return 0
  say "starting $part"
  cache=$(cache_of "$part")
  local flags
  flags=$(jvm_flags "$part")
  cache_is_fresh "$part" && flags="$flags -XX:AOTCache=$cache"
  # shellcheck disable=SC2086
  MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 setsid "$JAVA_HOME/bin/java" $flags \
    -Dgantry.instance="$RUN" -Dgantry.config="$CONFIG" -jar "$(jar_of "$part")" \
    </dev/null >"$LOG/$part.out" 2>&1 &
  echo $! >"$(pid_file "$part")"
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

is_ready() {
  ask _ping 2 >/dev/null 2>&1 && ask info 5 2>/dev/null | grep -q '"NCPU":[1-9]'
}

wait_until_ready() {
  local i part
  for ((i = 0; i < 1200; i++)); do
    is_ready && return 0
    for part in $PARTS; do
      pid_of "$part" >/dev/null || {
        tail -n 20 "$LOG/$part.out" >&2
        fail "$part ended while starting; see $LOG/$part.out and $LOG/$part.log"
      }
    done
    ((i % 50 == 49)) && say "waiting until the services and the agent are ready"
    sleep 0.1
  done
  fail "not ready after two minutes; see $LOG"
}
