# The daemons. Usually two: standalone (services, gateway, PostgreSQL, Kafka) and agent. With gantry.processes=separate
# each service, the gateway and the servers they need are processes too. Sourced.

# Small heaps with small young parts, few threads, what is free given back; docs/benchmark.md has what is taken.
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

# Whether the part runs, and its pid in PID: the process must be ours, not one that got the number later. Needs no
# program, since the supervisor asks it all the time.
runs() {
  PID=""
  { read -r PID <"$RUN/$1.pid"; } 2>/dev/null || return 1
  is_process_of "$1" "$PID"
}

# is_process_of PART PID
is_process_of() {
  local words=()
  { mapfile -d '' -t words <"/proc/$2/cmdline"; } 2>/dev/null || return 1
  if [ "$1" = supervisor ]; then
    [[ " ${words[*]} " == *" supervise " ]]
  else
    [[ " ${words[*]} " == *" -Dgantry.instance=$RUN "* ]]
  fi
}

# Whether that process has ended but for what the kernel still does for it: its files are locked and its ports taken until all
# its threads are gone. It has no command line any more; of a kernel's thread, which never had one, field 9 of stat(5) tells.
is_dying() {
  local stat="" words=() tasks=()
  { mapfile -d '' -t words <"/proc/${1:-none}/cmdline"; } 2>/dev/null && [ ${#words[@]} = 0 ] || return 1
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # After the name, which may hold anything: state, ppid, pgrp, session, tty_nr, tpgid, flags.
  read -ra words <<<"${stat##*)}"
  tasks=("/proc/$1/task/"*)
  ((!(words[6] & 0x00200000))) && { [ "${words[0]}" != Z ] || [ ${#tasks[@]} -gt 1 ]; }
}

# A log that only its owner reads; the one before is kept when it has grown.
private_file() {
  local size
  size=$(stat -c %s "$1" 2>/dev/null || echo 0)
  [ "$size" -lt 4194304 ] || mv "$1" "$1.1"
  (umask 077 && touch "$1")
  chmod 600 "$1"
}

# What a part is told besides the configuration file: of separate processes, where the others are. They listen on sockets of
# their owner's: whoever reaches a service may do all that it can.
environment_of() {
  local service url
  [ "$PROCESSES" = separate ] && [ "$1" != servers ] || return 0
  for service in $SERVICES; do
    url=$(url_of "$service")
    echo "GANTRY_$(echo "$service" | tr 'a-z-' 'A-Z_')_URL=$url"
    [ "$1" != "$service" ] || printf '%s\n' QUARKUS_HTTP_HOST_ENABLED=false QUARKUS_HTTP_DOMAIN_SOCKET_ENABLED=true \
      QUARKUS_VERTX_PREFER_NATIVE_TRANSPORT=true "QUARKUS_HTTP_DOMAIN_SOCKET=${url#unix://}" \
      "GANTRY_HEALTH_PORT=$(health_port_of "$service")"
    [ "$service" != image-service ] || echo "GANTRY_IMAGE_CONTENT_URL=$url:/internal/image-service/content/"
    [ "$service" != cluster-service ] || echo "GANTRY_AGENT_CONTROL=$url"
    [ "$service" != container-service ] || echo "GANTRY_AGENT_REPORTS=$url"
  done
  [ "$1" != gateway ] || printf '%s\n' QUARKUS_HTTP_HOST_ENABLED=false QUARKUS_HTTP_DOMAIN_SOCKET_ENABLED=true \
    QUARKUS_VERTX_PREFER_NATIVE_TRANSPORT=true "QUARKUS_HTTP_DOMAIN_SOCKET=$RUN/gateway.sock"
  # Of servers that are ours: the file stays when they are not any more.
  [ "$1" = agent ] || [[ " $PARTS " != *" servers "* ]] || [ ! -f "$RUN/servers.properties" ] ||
    sed 's/^\([^=]*\)=/\1 /' "$RUN/servers.properties" | while read -r key value; do
      echo "$(echo "$key" | tr 'a-z.-' 'A-Z__')=$value"
    done
}

# The gateway, or standalone, has the port of the settings; services of their own have those from ten above it on: the ones
# between are where services and agents listen to other machines, by custom.
health_port_of() {
  local port service
  port=$(setting gantry.health.port 9321)
  # What is no port is refused elsewhere, by its key.
  if [ "$port" != 0 ] && [[ $port =~ ^[0-9]{1,5}$ ]]; then
    port=$((10#$port + 10))
    for service in $SERVICES; do
      [ "$service" != "$1" ] || break
      port=$((port + 1))
    done
  fi
  echo "$port"
}

# Where a service that we start listens.
url_of() {
  local url
  url=$(setting "gantry.$1.url" "unix://$RUN/$1.sock")
  case $url in
    unix:///*) echo "$url" ;;
    *) refuse "gantry.$1.url is not of the form unix:///path: a service started here listens on no port" ;;
  esac
}

# What java runs: an application, or the servers out of standalone's libraries.
program_of() {
  if [ "$1" = servers ]; then
    local lib
    lib=$(dirname "$(jar_of standalone)")/lib
    echo "-cp $lib/main/*:$lib/boot/* dev.gantry.embedded.process.Servers $DATA $RUN/servers.properties"
  else
    echo "-jar $(jar_of "$1")"
  fi
}

# become PART [PROGRAM]: this process is it from now on, by way of that program.
become() {
  local part=$1 flags environment program assignment
  flags=$(jvm_flags "$part")
  if [ -n "${RECORDED:-}" ]; then
    flags="$flags -XX:AOTMode=record -XX:AOTConfiguration=$RECORDED/$part.conf"
  elif cache_is_fresh "$part"; then
    flags="$flags -XX:AOTCache=$(cache_of "$part")"
  fi
  environment=$(environment_of "$part")
  program=$(program_of "$part")
  # Not by command line: one of them is a password.
  while IFS= read -r assignment; do
    [ -z "$assignment" ] || export "${assignment?}"
  done <<<"$environment"
  export MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
  # No globbing: one word of the program is a class path with a star.
  set -f
  # Not /tmp: with its well-known names there others could be first.
  # SIGHUP has settings read again, also where whoever started us is not to get it (nohup): Java leaves it ignored then.
  # shellcheck disable=SC2086
  exec ${2:-} env --default-signal=HUP "$JAVA_HOME/bin/java" $flags -XX:-UsePerfData -Djava.io.tmpdir="$DATA/tmp" -Dgantry.instance="$RUN" \
    -Dgantry.data-dir="$DATA" -Dgantry.run-dir="$RUN" -Dgantry.config="$CONFIG" $program
}

# What a part that was killed left where its successor will be.
make_way() {
  [ "$PROCESSES" != separate ] || rm -f "$RUN/$1.sock"
  [ "$1" != servers ] || [ ! -f "$RUN/servers.properties" ] ||
    mv "$RUN/servers.properties" "$RUN/servers.properties.before"
}

# The pid is known before the program is: whenever this script is killed, nothing runs that nobody finds. And at no
# moment is there half a file.
note_pid() {
  echo "$BASHPID" >"$(pid_file "$1").new"
  mv "$(pid_file "$1").new" "$(pid_file "$1")"
}

# Starts a part, whose pid is PID then.
start() {
  local part=$1
  make_way "$part"
  private_file "$LOG/$part.out"
  TZ=UTC printf '%s of %(%FT%TZ)T\n' "$START_MARK" -1 >>"$LOG/$part.out"
  (
    note_pid "$part"
    become "$part" setsid
  ) </dev/null >>"$LOG/$part.out" 2>&1 7>&- 8>&- 9>&- &
  PID=$!
}

# Begins what a start writes to a part's log.
START_MARK="== start"

# Why a part ended the last time, as its supervisor noted it: its log may tell of a start since then.
reason_of_end() {
  local ends quick next at status reason
  { read -r ends quick next at status reason <"$RUN/$1.ends"; } 2>/dev/null || return 0
  echo "${reason:-$(status_text "$status")}"
}

# The files that a part writes to; not all have a log besides.
logs_of() {
  local logs=$LOG/$1.out
  [ ! -f "$LOG/$1.log" ] || logs="$logs and $LOG/$1.log"
  echo "$logs"
}

# Why a part ended, from what it printed since its last start: what we say ourselves, or the innermost cause.
reason_of() {
  # Its end alone, for it may be long. Each program reads all that the one before writes, or that would end the supervisor.
  tail -c 262144 "$LOG/$1.out" 2>/dev/null | awk -v mark="$START_MARK" '
    index($0, mark) == 1 { ours = cause = last = "" }
    /^gantry: / { sub(/^gantry: /, ""); ours = $0 }
    /RefusedStart: / { sub(/^.*RefusedStart: /, ""); ours = $0 }
    /^Caused by: / { sub(/^Caused by: ([a-zA-Z0-9_$]+\.)*[A-Za-z0-9_$]+(Exception|Error): /, ""); cause = $0 }
    !/^[ \t]/ && !/^Caused by/ && !/^$/ && !/^== start/ { last = $0 }
    END { print ours != "" ? ours : cause != "" ? cause : last }' || true
}

# stop PART SECONDS: asks, then insists.
stop() {
  local part=$1
  if runs "$part"; then
    [ "$part" = supervisor ] || say "stopping $part"
    kill "$PID" 2>/dev/null || true
    goes_within "$2" "$part" || kill -9 "$PID" 2>/dev/null || true
  fi
  # By its file the next start knows what to wait for.
  ! goes_within 10 "$part" || rm -f "$(pid_file "$part")"
}

goes_within() {
  local i
  for ((i = 0; i < $1 * 20; i++)); do
    runs "$2" || is_dying "$PID" || return 0
    sleep 0.05
  done
  return 1
}

# The supervisor first, which would start them again; those that call before those that are called, the servers last.
stop_all() {
  local part services="" service
  for service in $SERVICES; do
    services="$service $services"
  done
  stop supervisor 30
  # shellcheck disable=SC2086
  for part in standalone gateway $services agent servers; do
    stop "$part" 30
  done
  rm -f "$RUN"/*.ends
}

# ask PATH: what the Docker API answers.
ask() {
  curl -fs --max-time "${2:-10}" --unix-socket "$SOCKET" "http://gantry/$1"
}

# Whether the agent answers, is known to the services, and what it saw until its start is known to them too.
agent_is_ready() {
  curl -fs --max-time 2 -o /dev/null --unix-socket "$RUN/agent.sock" http://agent/q/health/ready
}

# The API answers, a host is known, and its agent is ready where it is ours. Sockets are looked for first, which takes no
# process: those that start need the cores.
is_ready() {
  [ -S "$SOCKET" ] && [ -S "$RUN/agent.sock" ] && agent_is_ready && ask _ping 2 >/dev/null 2>&1 && ask info 5 2>/dev/null | grep '"NCPU":[1-9]' >/dev/null && services_answer
}

# Of separate processes the others may be ready before these.
services_answer() {
  local path
  [ "$PROCESSES" = separate ] || return 0
  for path in containers/json images/json networks "events?since=0&until=1"; do
    ask "$path" 5 >/dev/null 2>&1 || return 1
  done
}

# wait_until_ready SINCE [RAN]: fails as soon as a part has ended by itself since then, or a second time whatever the cause. RAN
# are those that were there before: they may end once of what was wrong then.
wait_until_ready() {
  local i part
  local -A before=() forgiven=()
  for part in $PARTS; do
    before[$part]=$(count_of_ends "$part")
    forgiven[$part]=0
    [[ " ${2:-} " != *" $part "* ]] || forgiven[$part]=1
  done
  for ((i = 0; i < 1200; i++)); do
    is_ready && return 0
    for part in $PARTS; do
      ! has_failed "$part" "$1" "${before[$part]}" "${forgiven[$part]}" || {
        REASON="$part does not start: $(reason_of_end "$part"); see $(logs_of "$part")"
        return 1
      }
    done
    ((i % 50 == 49)) && say "waiting until the services and the agent are ready"
    sleep 0.1
  done
  REASON="not ready after two minutes; see $LOG"
  return 1
}

# has_failed PART SINCE ENDS FORGIVEN: it had ended ENDS times by then. Of its ends since, as many as are forgiven do not count.
has_failed() {
  local ends quick next at status reason
  { read -r ends quick next at status reason <"$RUN/$1.ends"; } 2>/dev/null || return 1
  # Another supervisor counts anew.
  local new=$(((ends < $3 ? ends : ends - $3) - $4))
  [ "$at" -ge "$2" ] && [ "$quick" -gt 0 ] && { [ "$status" -lt 127 ] && [ "$new" -gt 0 ] || [ "$new" -gt 1 ]; }
}

# How often the part has ended since its supervisor started.
count_of_ends() {
  local ends=0 rest
  { read -r ends rest <"$RUN/$1.ends"; } 2>/dev/null || true
  echo "${ends:-0}"
}
