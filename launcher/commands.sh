# What the user can say. Sourced.

usage() {
  cat <<'TEXT'
usage: gantry [--config FILE] COMMAND

  up                    install, build and start what is missing; wait until it is ready
  down [--all]          stop; containers go on running. --all also removes containers and all state
  status                what runs, and how much memory it takes
  logs [-f] [PART]      what agent and standalone wrote
  test [--against dockerd]
                        all tests; or only the compatibility tests, against a real dockerd
  bench [WORD]          speed beside a real dockerd, written to docs/benchmark.md; or only cases with that word
  version
TEXT
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "this needs root"
}

prepare() {
  need_root
  find_jdk || exit 1
  install_packages
  build
  make_caches
}

up() {
  local part
  prepare
  make_directories
  # Two starts at once would race for the pid files.
  exec 9>"$RUN/up.lock"
  flock 9
  for part in $PARTS; do
    start "$part" 9>&-
  done
  wait_until_ready
  say "ready. To use it, and to stop it:"
  echo
  echo "export DOCKER_HOST=unix://$SOCKET"
  echo "$0${CONFIG:+ --config $CONFIG} down"
}

down() {
  need_root
  local all=${1:-}
  [ -z "$all" ] || [ "$all" = --all ] || fail "unknown option $all"
  [ -z "$all" ] || remove_containers
  local part
  # Those that call stop before those that are called, the servers last.
  for part in standalone gateway event-service network-service container-service image-service agent servers; do
    stop "$part" 30
  done
  if [ -n "$all" ]; then
    remove_state
    say "stopped, and all state removed"
  else
    say "stopped; containers go on running"
  fi
}

status() {
  local part pid down=0
  for part in $PARTS; do
    if [ "$part" = servers ] && [ -n "$(setting gantry.postgres.jdbc-url "")" ]; then
      continue
    fi
    if pid=$(pid_of "$part"); then
      echo "$part: pid $pid, $(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status") MiB"
    else
      echo "$part: not running"
      down=3
    fi
  done
  if is_ready; then
    echo "endpoint: unix://$SOCKET answers"
  else
    echo "endpoint: unix://$SOCKET does not answer"
    down=3
  fi
  return "$down"
}

logs() {
  local follow="" parts=$PARTS files="" part
  if [ "${1:-}" = -f ]; then
    follow=-F
    shift
  fi
  [ -z "${1:-}" ] || parts=$1
  for part in $parts; do
    [ -e "$LOG/$part.out" ] || [ -e "$LOG/$part.log" ] || fail "no log of $part in $LOG"
    for file in "$LOG/$part.out" "$LOG/$part.log"; do
      [ ! -e "$file" ] || files="$files $file"
    done
  done
  # shellcheck disable=SC2086
  tail -q -n 100 $follow $files
}

version() {
  sed -n 's|^  <version>\(.*\)</version>|Gantry \1|p' "$HERE/pom.xml" | head -n 1
  find_jdk 2>/dev/null && "$JAVA_HOME/bin/java" -version 2>&1 | head -n 1 || true
}

main() {
  while [ "${1:-}" = --config ]; do
    CONFIG=${2:?--config needs a file}
    shift 2
  done
  local command=${1:-help}
  shift || true
  read_settings
  case $command in
    up | down | status | logs | version) "$command" "$@" ;;
    test) run_tests "$@" ;;
    bench) run_bench "$@" ;;
    help | --help | -h) usage ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
}
