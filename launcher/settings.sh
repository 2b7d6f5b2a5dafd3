# The launcher's view of the settings: environment over file over standard value. Sourced.

CONFIG=${GANTRY_CONFIG:-}

say() {
  echo "gantry: $*"
}

fail() {
  echo "gantry: $*" >&2
  exit 1
}

# setting KEY STANDARD
setting() {
  local variable value
  variable=$(echo "$1" | tr 'a-z.-' 'A-Z__')
  value=${!variable:-}
  if [ -z "$value" ] && [ -n "$CONFIG" ]; then
    value=$(sed -n "s/^[[:space:]]*${1//./\\.}[[:space:]]*[=:][[:space:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1/p" "$CONFIG" |
      tail -n 1)
  fi
  echo "${value:-$2}"
}

# Sets CONFIG to an absolute path, or empty when there is no file, and the directories.
read_settings() {
  if [ -z "$CONFIG" ] && [ -f /etc/gantry/gantry.properties ]; then
    CONFIG=/etc/gantry/gantry.properties
  fi
  if [ -n "$CONFIG" ]; then
    [ -r "$CONFIG" ] || fail "the configuration file $CONFIG cannot be read"
    CONFIG=$(readlink -f "$CONFIG")
  fi
  DATA=$(setting gantry.data-dir /var/lib/gantry)
  RUN=$(setting gantry.run-dir /run/gantry)
  LOG=$(setting gantry.log-dir /var/log/gantry)
  SOCKET=$(setting gantry.docker.socket "$RUN/docker.sock")
  SOCKET=${SOCKET//'${gantry.run-dir}'/$RUN}
  TABLE=$(setting gantry.agent.nftables-table gantry)
  BRIDGE=$(setting gantry.network.bridge gantry0)
  PROCESSES=$(setting gantry.processes together)
  case $PROCESSES in
    together) PARTS="agent standalone" ;;
    separate) PARTS="servers image-service container-service network-service event-service gateway agent" ;;
    *) fail "gantry.processes is neither together nor separate: $PROCESSES" ;;
  esac
}
