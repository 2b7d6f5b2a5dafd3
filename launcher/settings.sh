# The launcher's view of the settings: environment over file over standard value. Sourced.

CONFIG=${GANTRY_CONFIG:-}

# The services, in the order in which they can be started.
SERVICES="image-service container-service network-service event-service cluster-service"

declare -A FILE_SETTINGS=()
TAKEN=""

say() {
  echo "gantry: $*"
}

fail() {
  echo "gantry: $*" >&2
  exit 1
}

# What the user wrote, on the command line or in the settings, is wrong.
refuse() {
  echo "gantry: $*" >&2
  exit 2
}

# setting KEY STANDARD
setting() {
  local variable=${1^^} value
  variable=${variable//[.-]/_}
  value=${!variable:-}
  echo "${value:-${FILE_SETTINGS[$1]:-$2}}"
}

read_file() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line =~ ^[[:space:]]*([^#!=:[:space:]]+)[[:space:]]*[=:][[:space:]]*(.*[^[:space:]])[[:space:]]*$ ]]; then
      FILE_SETTINGS[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
    fi
  done <"$1"
}

# Sets CONFIG to an absolute path, or empty when there is no file, and the directories.
read_settings() {
  if [ -z "$CONFIG" ] && [ -f /etc/gantry/gantry.properties ]; then
    CONFIG=/etc/gantry/gantry.properties
  fi
  if [ -n "$CONFIG" ]; then
    [ -f "$CONFIG" ] || refuse "there is no configuration file $CONFIG"
    [ -r "$CONFIG" ] || refuse "the configuration file $CONFIG cannot be read"
    CONFIG=$(readlink -f "$CONFIG")
    read_file "$CONFIG"
  fi
  DATA=$(setting gantry.data-dir /var/lib/gantry)
  RUN=$(setting gantry.run-dir /run/gantry)
  LOG=$(setting gantry.log-dir /var/log/gantry)
  # As the last start had it; the next one looks again.
  if [ -n "$(setting gantry.daemon-json "")" ] && [ -r "$RUN/taken.properties" ]; then
    take_over <"$RUN/taken.properties"
  else
    take_over </dev/null
  fi
  TABLE=$(setting gantry.agent.nftables-table gantry)
  PROCESSES=$(setting gantry.processes together)
  case $PROCESSES in
    together) PARTS="agent standalone" ;;
    separate) PARTS="servers $SERVICES gateway agent" ;;
    *) refuse "gantry.processes=$PROCESSES is neither together nor separate" ;;
  esac
  if [ "$PROCESSES" = separate ] && [ -n "$(setting gantry.postgres.jdbc-url "")" ]; then
    PARTS=${PARTS#servers }
  fi
}

# Has all settings checked, and that nobody else has the addresses of what does not run yet. Needs the built jars.
check_settings() {
  local wanted=() jars=("$(dirname "$(jar_of agent)")"/lib/main/dev.gantry.agent-api-*.jar) service
  want_address() {
    case $2 in
      "" | 0 | *:0) ;;
      *[!0-9]*) wanted+=("$1=$2") ;;
      *) wanted+=("$1=$(setting gantry.health.host 127.0.0.1):$2") ;;
    esac
  }
  if ! runs standalone && ! runs gateway; then
    want_address gantry.health.port "$(setting gantry.health.port 9321)"
    want_address gantry.docker.tcp "$(setting gantry.docker.tcp "")"
  fi
  runs agent || want_address gantry.agent.listen "$(setting gantry.agent.listen "")"
  runs standalone || runs container-service || want_address gantry.services.listen "$(setting gantry.services.listen "")"
  for service in $SERVICES; do
    [ "$PROCESSES" = together ] || url_of "$service" >/dev/null || exit $?
    [ "$PROCESSES" = together ] || runs "$service" || want_address gantry.health.port "$(health_port_of "$service")"
  done
  # dockerd's file is read by a library, which costs time when it is looked for.
  [ -z "$(setting gantry.daemon-json "")" ] || jars[0]=${jars[0]}:${jars[0]%/*}/*
  TAKEN=$("$JAVA_HOME/bin/java" -Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx32m -cp "${jars[0]}" \
    dev.gantry.agent.api.settings.CheckSettings "$CONFIG" "${wanted[@]}") || exit $?
  take_over <<<"$TAKEN"
}

# For commands that have nothing checked.
note_taken() {
  [ -z "$TAKEN" ] && rm -f "$RUN/taken.properties" || write_or_not "$RUN/taken.properties" "$TAKEN"
}

# What dockerd's file says, KEY=VALUE in each line, where nothing else does.
TAKEN_KEYS=()
take_over() {
  local line
  for line in "${TAKEN_KEYS[@]}"; do
    unset "FILE_SETTINGS[$line]"
  done
  TAKEN_KEYS=()
  while IFS= read -r line; do
    if [ -n "$line" ] && [ -z "${FILE_SETTINGS[${line%%=*}]:-}" ]; then
      FILE_SETTINGS[${line%%=*}]=${line#*=}
      TAKEN_KEYS+=("${line%%=*}")
    fi
  done
  SOCKET=$(setting gantry.docker.socket "$RUN/docker.sock")
  # shellcheck disable=SC2016
  SOCKET=${SOCKET//'${gantry.run-dir}'/$RUN}
}
