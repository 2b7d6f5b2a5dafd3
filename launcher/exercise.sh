# The exercise for the AOT caches, and the warm-up of an instance. Sourced.

# Enough for the profiles of what is done often; a first `up` waits for it. Tests, which look at no profile, take fewer.
EXERCISE_ROUNDS=${EXERCISE_ROUNDS:-150}
EXERCISE_SECONDS=60

# exercise SOCKET: see Exercise.java.
exercise() {
  "${EXERCISE_JDK:-$JAVA_HOME}/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m "$HERE/launcher/exercise/Exercise.java" "$1" \
    "$EXERCISE_ROUNDS" "$EXERCISE_SECONDS"
}

# train JDK [separate]: what a package, or an image, does for itself where it will be, with a JDK beside it for the exercise.
train() {
  local part
  [ -n "$PACKAGED" ] || fail "only what is packed is trained"
  EXERCISE_JDK=$1
  PROCESSES=${2:-together}
  find_jdk
  make_caches
  for part in $(trained_parts); do
    [ -f "$(cache_of "$part")" ] || {
      grep -vE '^[[:space:]]+at |^[0-9-]+ [0-9:,]+ (INFO|WARN)' "$CACHES/caches.log" | tail -n 40 >&2
      return 1
    }
  done
}

# What an instance is asked once it is ready, by this script rather than by the first who uses it: every statement of the
# lists is translated then, and every path through the gateway compiled a little. It changes nothing.
WARM_PATHS=(_ping version info 'containers/json?all=1' 'images/json?all=1' volumes networks 'events?since=0&until=1'
  containers/warm/json 'containers/warm/logs?stdout=1' images/warm/json exec/warm/json)

# warm ROUNDS
warm() {
  local i path urls=()
  for ((i = 0; i < $1; i++)); do
    for path in "${WARM_PATHS[@]}"; do
      urls+=(-o /dev/null "http://gantry/v1.51/$path")
    done
  done
  curl -s --max-time 60 --unix-socket "$SOCKET" "${urls[@]}" || true
}
