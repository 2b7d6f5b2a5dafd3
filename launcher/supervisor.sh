# One process that starts the parts, and starts again what dies. It can die itself: the parts go on, and the next `up`
# starts another, which takes over what runs. Sourced.

# Whoever ends sooner than this after a start did so because of it, in seconds.
QUICK=30
# The longest wait before what ends at once again and again is started again, in seconds.
LONGEST_WAIT=60

# Of each part: when it was started (empty once its end is noted), as which child of ours, when it may be started next, its ends all in all, and
# those in a row that were quick.
declare -A STARTED=() CHILD=() NEXT=() ENDS=() QUICK_ENDS=()
ENDING=""

supervisor_log() {
  TZ=UTC printf '%(%FT%TZ)T %s\n' -1 "$*"
}

# In the foreground, until it is told to end; the parts then run on.
supervise() {
  local part
  need_root
  find_jdk || exit 1
  umask 077
  exec 8>"$RUN/supervisor.lock"
  flock -n 8 || fail "another supervisor looks after $RUN"
  # Something to read from that never has anything: waiting so needs no program.
  exec 7<> <(:)
  # Not at once: a part might have no pid file yet.
  trap 'ENDING=yes' TERM INT
  # A new `up`: nothing waits any longer.
  trap 'NEXT=()' USR1
  write_or_not "$(pid_file supervisor)" $$
  supervisor_log "the supervisor starts"
  while [ -z "$ENDING" ]; do
    [ -f "$RUN/supervisor.pid" ] || write_or_not "$RUN/supervisor.pid" $$
    follow_servers
    for part in $PARTS; do
      keep_running "$part"
    done
    read -r -t 0.2 -u 7 || true
  done
  supervisor_log "the supervisor ends"
  rm -f "$(pid_file supervisor)"
}

keep_running() {
  local part=$1
  if runs "$part"; then
    : "${STARTED[$part]:=1}"
    return
  fi
  if is_process_of "$part" "${CHILD[$part]:-none}"; then
    # It has its pid file before it is one: someone took it away.
    write_or_not "$(pid_file "$part")" "${CHILD[$part]}"
    return
  fi
  ! is_becoming "$part" || return 0
  ! is_dying "${CHILD[$part]:-$PID}" || return 0
  [ -z "${STARTED[$part]:-}" ] || note_end "$part"
  [ "$EPOCHSECONDS" -ge "${NEXT[$part]:-0}" ] || return 0
  has_what_it_needs "$part" || return 0
  start "$part"
  STARTED[$part]=$EPOCHSECONDS
  CHILD[$part]=$PID
  supervisor_log "$part starts, pid $PID"
}

# A child that is still this script, or on its way through setsid.
is_becoming() {
  local child=${CHILD[$1]:-}
  [ -n "$child" ] && kill -0 "$child" 2>/dev/null && [ $((EPOCHSECONDS - ${STARTED[$1]:-0})) -lt 60 ]
}

# Notes that a part ended, in the log and for `status`, and when it is started again.
note_end() {
  local part=$1 pid=${CHILD[$1]:-$PID} status=0 lived wait=0 quick reason=""
  # Of one that has the number now there is no end to wait for.
  if kill -0 "$pid" 2>/dev/null; then
    status=127
  else
    wait "$pid" 2>/dev/null || status=$?
  fi
  lived=$((EPOCHSECONDS - STARTED[$part]))
  quick=${QUICK_ENDS[$part]:-0}
  if [ "$lived" -lt "$QUICK" ]; then
    quick=$((quick + 1))
    [ "$quick" -lt 2 ] || wait=$((quick > 7 ? LONGEST_WAIT : 1 << (quick - 2)))
    [ "$wait" -lt "$LONGEST_WAIT" ] || wait=$LONGEST_WAIT
  else
    quick=0
  fi
  QUICK_ENDS[$part]=$quick
  ENDS[$part]=$((${ENDS[$part]:-0} + 1))
  NEXT[$part]=$((EPOCHSECONDS + wait))
  STARTED[$part]="" CHILD[$part]=""
  # Of what was killed, what it printed last is no reason.
  [ "$status" -gt 128 ] || reason=$(reason_of "$part")
  write_or_not "$(ends_file "$part")" "${ENDS[$part]} $quick ${NEXT[$part]} $EPOCHSECONDS $status $reason"
  supervisor_log "$part ended, pid ${pid:-unknown}, $(status_text "$status")$(wait_text "$wait" "$quick")"
}

# write_or_not FILE TEXT: without room, or without the directory, the parts are looked after all the same. At no moment is there
# half a file: who reads none would take a part for one that never ended, and all its ends for ends since.
write_or_not() {
  { echo "$2" >"$1.new" && mv "$1.new" "$1"; } 2>/dev/null || true
}

ends_file() {
  echo "$RUN/$1.ends"
}

# Of a process that was not our child, 127 is all there is to know.
status_text() {
  if [ "$1" = 127 ]; then
    echo "nobody saw how"
  elif [ "$1" -gt 128 ]; then
    echo "killed by signal $(($1 - 128))"
  else
    echo "exit code $1"
  fi
}

wait_text() {
  [ "$1" = 0 ] || echo "; $2 quick ends in a row, it is started again in $1 s"
}

# Services of their own are told where the servers are when they start.
has_what_it_needs() {
  case "$PROCESSES $PARTS $1" in
    separate\ *servers*\ agent | separate\ *servers*\ servers) return 0 ;;
    separate\ *servers*) [ -f "$RUN/servers.properties" ] ;;
  esac
}

# Another process may have taken a port while the servers were down. The services then start again, with the new one.
follow_servers() {
  local service
  [ -f "$RUN/servers.properties.before" ] && [ -f "$RUN/servers.properties" ] || return 0
  if ! cmp -s "$RUN/servers.properties.before" "$RUN/servers.properties"; then
    for service in gateway $SERVICES; do
      stop "$service" 10
      STARTED[$service]=""
    done
  fi
  rm -f "$RUN/servers.properties.before"
}

# Starts the supervisor, so that it outlives the terminal.
start_supervisor() {
  local arguments=()
  [ -z "$CONFIG" ] || arguments=(--config "$CONFIG")
  rm -f "$RUN"/*.ends
  private_file "$LOG/supervisor.log"
  setsid "$HERE/gantry" "${arguments[@]}" supervise </dev/null >>"$LOG/supervisor.log" 2>&1 9>&- &
}

# For systemd, which starts the supervisor again when it dies; that of the parts it leaves to us.
unit() {
  cat <<TEXT
[Unit]
Description=Gantry, a container platform that speaks the Docker Engine API
Documentation=file://$HERE/README.md
After=network-online.target
Wants=network-online.target

[Service]
Type=forking
PIDFile=$RUN/supervisor.pid
Environment=JAVA_HOME=${JAVA_HOME:-}
ExecStart=$HERE/gantry${CONFIG:+ --config $CONFIG} up
ExecStop=$HERE/gantry${CONFIG:+ --config $CONFIG} down
# Containers go on running, and with them their supervisors.
KillMode=process
Restart=always
RestartSec=1
TimeoutStartSec=infinity
TimeoutStopSec=180
TasksMax=infinity
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
TEXT
}
