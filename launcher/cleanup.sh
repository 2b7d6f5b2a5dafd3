# `down --all`: containers and state go, and nothing of ours stays on the host. Sourced.

MARKER=.gantry

# Through the API while it answers: each part then takes back what it made.
remove_containers() {
  local id
  ask _ping 2 >/dev/null 2>&1 || return 0
  for id in $(ask 'containers/json?all=1' | grep -o '"Id":"[0-9a-f]\{64\}"' | cut -d'"' -f4); do
    curl -fs --max-time 60 -X DELETE --unix-socket "$SOCKET" "http://gantry/containers/$id?force=1&v=1" >/dev/null ||
      say "container ${id:0:12} is removed the hard way"
  done
}

# Whatever is left: supervisors that work for this instance with what they supervise, mounts, cgroups, interfaces, rules.
sweep() {
  local pid child mount name alias swept=""
  for pid in $(pgrep -x conmon || true); do
    if { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -F -e "$RUN/" -e "$DATA/" >/dev/null; then
      swept="$swept $(grep -a -o -m 1 '[0-9a-f]\{64\}' "/proc/$pid/cmdline" | sed -n 1p)" || true
      for child in $(pgrep -P "$pid" || true); do
        kill -9 "$child" 2>/dev/null || true
      done
      kill -9 "$pid" 2>/dev/null || true
    fi
  done
  # shellcheck disable=SC2086
  remove_cgroups $swept
  mounts_of_ours | sort -r | while IFS= read -r mount; do
    umount -l "$mount" 2>/dev/null || true
  done
  nft delete table inet "$TABLE" 2>/dev/null || true
  nft delete table ip "$TABLE" 2>/dev/null || true
  nft delete table bridge "$TABLE" 2>/dev/null || true
  links_of_ours | while read -r name alias; do
    ip link delete "$name" 2>/dev/null || true
  done
}

# remove_cgroups CONTAINER...: once their processes, which were killed, are gone.
remove_cgroups() {
  local id root group i
  for id in "$@"; do
    awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/self/mounts | while IFS= read -r root; do
      group=$root/gantry/$id
      for ((i = 0; i < 20; i++)); do
        [ -d "$group" ] || break
        find "$group" -depth -type d -delete 2>/dev/null || sleep 0.1
      done
    done
  done
}

# Interfaces carry the agent's mark with the instance's table as alias, those of containers with the id behind it.
links_of_ours() {
  local link alias
  for link in /sys/class/net/*; do
    alias=$(cat "$link/ifalias" 2>/dev/null) || true
    case $alias in "gantry:$TABLE" | "gantry:$TABLE:"*) echo "${link##*/} $alias" ;; esac
  done
}

mounts_of_ours() {
  awk -v run="$RUN/" -v data="$DATA/" 'index($2, run) == 1 || index($2, data) == 1 { print $2 }' /proc/self/mounts
}

remove_state() {
  sweep
  if [ -e "$DATA/$MARKER" ]; then
    rm -rf --one-file-system "${DATA:?}"
  fi
  if [ -e "$RUN/$MARKER" ]; then
    rm -rf --one-file-system "${RUN:?}"
  fi
  rm -f "$LOG"/{supervisor,standalone,gateway,agent,servers}.* "$LOG"/*-service.* "$LOG/$MARKER"
  rmdir "$LOG" 2>/dev/null || true
}

# Only directories that we made, or found empty, are ever deleted or closed to others. Who needs to get through, PostgreSQL
# and the group of the Docker API's socket, is let through by the part that knows.
make_directories() (
  local directory
  umask 077
  for directory in "$DATA" "$RUN" "$LOG"; do
    mkdir -p "$directory"
    [ -n "$(ls -A "$directory")" ] || touch "$directory/$MARKER"
    [ ! -e "$directory/$MARKER" ] || chmod g-rw,o= "$directory"
  done
  # Where libraries unpack what the system loads.
  mkdir -p "$DATA/tmp"
  touch "$RUN/up.lock"
)
