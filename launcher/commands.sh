# What the user can say. Sourced.

usage() {
  cat <<'TEXT'
usage: gantry [--config FILE] COMMAND

  up [--from FILE]      install, build and start what is missing; wait until it is ready. With --from nothing is built:
                        FILE is a .tar.gz of `package`
  down [--all]          stop; containers go on running. --all also removes containers, all state and the logs
  reload                have what runs read its settings again: what can change while it runs is so from then on
  status                what runs, how much memory it takes, what ended and was started again
  logs [-f] [PART]      what supervisor, agent and standalone wrote
  backup FILE           all that it keeps, of one moment, as one file; while it runs or not
  restore FILE          the same in a data directory that is empty or not there; for `up` to start
  doctor                what is wrong with machine, settings, permissions; what is left over; and what to do
  run PART              a part in the foreground, for a supervisor such as systemd
TEXT
  [ -n "$PACKAGED" ] || cat <<'TEXT'
  unit                  a unit for systemd; put it into /etc/systemd/system/gantry.service
  package [--out DIRECTORY] [--jdk DIRECTORY]
                        a Debian package, and the same as a .tar.gz, for machines without sources, compiler and JDK
  images [--out DIRECTORY] [--base IMAGE] [--push PREFIX] [--servers]
                        an OCI archive with an image for each part, which `docker load` takes; on Debian, or on an image
                        made of it; pushed to PREFIX/gateway and so on; with PostgreSQL, Kafka and HAProxy
  test [--against dockerd]
                        all tests; or only the compatibility tests, against a real dockerd
  bench [WORD] [--OPTION VALUE]...
                        speed beside real dockerds (GANTRY_BENCH_DOCKERD=FILE,... names others), written to
                        docs/benchmark.md; or only cases with that word
TEXT
  echo "  version"
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "this needs root"
}

prepare() {
  need_root
  find_jdk || exit 1
  install_packages
  build
  check_settings
  make_caches
}

up() {
  local part since ran=""
  if [ "${1:-}" = --from ]; then
    shift
    up_from "$@"
  fi
  no_more_than 0 "$@"
  prepare
  if is_systemds; then
    systemctl start gantry-agent.service gantry.service
    wait_until_ready "$EPOCHSECONDS" || fail "$REASON"
    say_ready
    return
  fi
  # From here on all that is made is ours alone: logs, pid files, what is handed from one process to another.
  umask 077
  make_directories
  note_taken
  # Two starts at once would start two supervisors.
  exec 9>"$RUN/up.lock"
  flock 9
  since=$EPOCHSECONDS
  for part in $PARTS; do
    ! runs "$part" || ran="$ran $part"
  done
  if runs supervisor; then
    kill -USR1 "$PID"
  else
    say "starting what does not run of: $PARTS"
    start_supervisor
  fi
  wait_until_ready "$since" "$ran" || {
    [ -n "$ran" ] || stop_all
    fail "$REASON"
  }
  warm 1
  (warm 30 >/dev/null 2>&1 </dev/null 9>&- &)
  say_ready
}

# up_from ARCHIVE: goes on as the launcher that is in there.
up_from() {
  local archive=${1:-} name=$CACHES/from
  [ -n "$archive" ] || refuse "--from needs a file"
  shift
  no_more_than 0 "$@"
  [ -f "$archive" ] || refuse "there is no file $archive"
  need_root
  name=$name/$(sha256sum "$archive" | cut -c1-32)
  if [ ! -x "$name/gantry" ]; then
    rm -rf "$name.new"
    mkdir -p "$name.new"
    tar --extract --gzip --file "$archive" --directory "$name.new" --strip-components=1 --no-same-owner 2>/dev/null &&
      [ -f "$name.new/VERSION" ] || refuse "$archive is no archive that \`gantry package\` made"
    mv "$name.new" "$name"
  fi
  exec "$name/gantry" ${CONFIG:+--config "$CONFIG"} up
}

say_ready() {
  say "ready. To use it, and to stop it:"
  echo
  echo "export DOCKER_HOST=unix://$SOCKET"
  echo "$0${CONFIG:+ --config $CONFIG} down"
}

# Whether systemd looks after this instance, by the units of the package.
is_systemds() {
  [ -n "$PACKAGED" ] && [ -d /run/systemd/system ] && [ "$RUN" = /run/gantry ] &&
    systemctl is-enabled --quiet gantry.service 2>/dev/null
}

# In the foreground; who started us starts us again.
run_part() {
  [ $# = 1 ] || refuse "run needs the name of a part; there are: $PARTS"
  [[ " $PARTS " == *" $1 "* ]] || refuse "there is no part $1; there are: $PARTS"
  need_root
  find_jdk || exit 1
  ! runs "$1" || fail "$1 runs already, pid $PID"
  check_settings
  umask 077
  make_directories
  note_taken
  make_way "$1"
  note_pid "$1"
  become "$1"
}

# What can change while it runs: the processes read their settings again.
reload() {
  local part
  no_more_than 0 "$@"
  need_root
  find_jdk || exit 1
  check_settings
  for part in $PARTS; do
    [ "$part" = servers ] || ! runs "$part" || kill -HUP "$PID"
  done
}

down() {
  local all=${1:-}
  no_more_than 1 "$@"
  [ -z "$all" ] || [ "$all" = --all ] || refuse "unknown option $all of down; there is --all"
  need_root
  [ -z "$all" ] || remove_containers
  ! is_systemds || systemctl stop gantry.service gantry-agent.service
  stop_all
  if [ -n "$all" ]; then
    remove_state
    say "stopped; containers, images, volumes, all other state and the logs in $LOG are removed"
  else
    say "stopped; containers go on running"
  fi
}

status() {
  local part down=0
  no_more_than 0 "$@"
  if [ "$(id -u)" != 0 ]; then
    echo "what runs, only root is told"
    endpoint_status || return 3
    return
  fi
  if ! is_systemds && ! runs supervisor; then
    echo "supervisor: not running, so that nothing is started again when it dies; \`up\` starts it"
    down=3
  fi
  for part in $PARTS; do
    if runs "$part"; then
      echo "$part: pid $PID, $(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$PID/status") MiB$(ends_of "$part")"
    else
      echo "$part: not running$(ends_of "$part")"
      down=3
    fi
  done
  endpoint_status || down=3
  return "$down"
}

# What the supervisor tells of a part.
ends_of() {
  local ends quick next at status reason
  { read -r ends quick next at status reason <"$RUN/$1.ends"; } 2>/dev/null || return 0
  TZ=UTC printf ', has ended before: %s, the last time at %(%FT%TZ)T (%s)' "$ends" "$at" "$(status_text "$status")"
  [ "$quick" = 0 ] || [ "$next" -le "$EPOCHSECONDS" ] ||
    echo -n ", is started again in $((next - EPOCHSECONDS)) s${reason:+: $reason}"
}

endpoint_status() {
  local answer code=0
  if [ "$(id -u)" != 0 ] && [ ! -w "$SOCKET" ]; then
    echo "endpoint: unix://$SOCKET is not open to $(id -un); root and the socket's group may use it"
    return 3
  fi
  answer=$(curl -s --max-time 5 --unix-socket "$SOCKET" -o /dev/null -w '%{http_code}' http://gantry/_ping) || code=$?
  case "$code $answer" in
    "0 200") ;;
    7\ *)
      echo "endpoint: nobody listens at unix://$SOCKET"
      return 3
      ;;
    28\ *)
      echo "endpoint: unix://$SOCKET gives no answer within 5 s"
      return 3
      ;;
    *)
      echo "endpoint: unix://$SOCKET answers with $answer: it is not ready"
      return 3
      ;;
  esac
  if [ "$(id -u)" = 0 ] && ! agent_is_ready; then
    echo "endpoint: unix://$SOCKET answers; the agent does not, so that containers can be seen but not commanded"
    return 3
  fi
  echo "endpoint: unix://$SOCKET answers"
}

logs() {
  local follow="" parts="supervisor $PARTS" files="" part file
  if [ "${1:-}" = -f ]; then
    follow=-F
    shift
  fi
  no_more_than 1 "$@"
  if [ -n "${1:-}" ]; then
    [[ " $parts " == *" $1 "* ]] || refuse "there is no part $1; there are: $parts"
    parts=$1
  fi
  [ -r "$LOG" ] || fail "the logs in $LOG are there for root only, or not at all"
  for part in $parts; do
    for file in "$LOG/$part.out" "$LOG/$part.log"; do
      [ ! -e "$file" ] || files="$files $file"
    done
  done
  [ -n "$files" ] || fail "there are no logs in $LOG yet"
  # shellcheck disable=SC2086
  tail -q -n 100 $follow $files
}

version() {
  local line
  no_more_than 0 "$@"
  if [ -n "$PACKAGED" ]; then
    echo "Gantry $PACKAGED"
    return
  fi
  while IFS= read -r line; do
    if [[ $line =~ ^\ \ \<version\>(.*)\</version\> ]]; then
      echo "Gantry ${BASH_REMATCH[1]}"
      break
    fi
  done <"$HERE/pom.xml"
  ! find_jdk 2>/dev/null || echo "JDK $(jdk_major "$JAVA_HOME") in $JAVA_HOME"
}

# no_more_than COUNT ARGUMENT...
no_more_than() {
  local count=$1
  shift
  [ $# -le "$count" ] || refuse "unknown argument ${!#} of ${COMMAND}; \`gantry help\` lists what there is"
}

main() {
  while [[ ${1:-} == --config* ]]; do
    case $1 in
      --config=?*) CONFIG=${1#--config=} ;;
      --config)
        [ -n "${2:-}" ] || refuse "--config needs a file"
        CONFIG=$2
        shift
        ;;
      *) refuse "unknown option $1; it is --config FILE" ;;
    esac
    shift
  done
  COMMAND=${1:-help}
  shift || true
  case $COMMAND in
    up | down | reload | status | logs | version | doctor | backup | restore | supervise | sweep | train) run_command "$COMMAND" "$@" ;;
    run) run_command run_part "$@" ;;
    unit | test | bench | package | images)
      [ -z "$PACKAGED" ] || refuse "$COMMAND needs the sources of Gantry"
      case $COMMAND in
        test | bench) run_command "run_$COMMAND" "$@" ;;
        *) run_command "$COMMAND" "$@" ;;
      esac
      ;;
    help | --help | -h) usage ;;
    -*) refuse "unknown option $COMMAND; \`gantry help\` lists what there is" ;;
    *) refuse "unknown command $COMMAND; \`gantry help\` lists them" ;;
  esac
}

run_command() {
  read_settings
  "$@"
}
