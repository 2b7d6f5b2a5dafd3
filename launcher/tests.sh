# Tests and the bench. Sourced.

# The published description of the Docker Engine API, which answers are checked against where it is found.
API_DESCRIPTION=${GANTRY_API_DESCRIPTION:-$HERE/../shared/docker-engine-api/v1.51.yaml}

# Programs that only tests need.
TEST_PACKAGES="docker.io:dockerd docker-registry:docker-registry busybox-static:busybox jq:jq iptables:iptables"

install_for_tests() {
  need_root
  find_jdk || exit 1
  PACKAGES="$PACKAGES $TEST_PACKAGES"
  install_packages
}

# An instance of its own, beside whatever runs here.
with_instance() {
  local aside status=0
  aside=$(mktemp -d /tmp/gantry-test.XXXXXX)
  chmod 711 "$aside"
  printf '%s\n' "gantry.data-dir=$aside/data" "gantry.run-dir=$aside/run" "gantry.log-dir=$aside/log" \
    "gantry.health.port=0" "gantry.agent.nftables-table=gantry-test" "gantry.network.bridge=gantry-test" >"$aside/properties"
  "$HERE/gantry" --config "$aside/properties" up || status=$?
  if [ "$status" = 0 ]; then
    DOCKER_HOST=unix://$aside/run/docker.sock "$@" || status=$?
  fi
  if [ "$status" != 0 ]; then
    tail -n 40 "$aside"/log/*.out >&2 || true
  fi
  "$HERE/gantry" --config "$aside/properties" down --all || status=1
  rm -rf "$aside"
  return "$status"
}

run_tests() {
  install_for_tests
  if [ "${1:-}" = --against ]; then
    [ "${2:-}" = dockerd ] || fail "tests run against dockerd only"
    (cd "$HERE" && ./mvnw -B -ntp -pl compatibility-tests verify -Dgantry.compatibility.against=dockerd \
      -Dgantry.compatibility.api-description="$API_DESCRIPTION")
    return
  fi
  (cd "$HERE" && ./mvnw -B -ntp -fae verify -pl '!compatibility-tests')
  touch "$(jar_of agent)" "$(jar_of standalone)"
  with_instance compatibility_tests
}

compatibility_tests() {
  (cd "$HERE" && ./mvnw -B -ntp -pl compatibility-tests verify -Dgantry.compatibility.docker-host="$DOCKER_HOST" \
    -Dgantry.compatibility.launcher="$HERE/gantry" -Dgantry.compatibility.api-description="$API_DESCRIPTION")
}

# run_bench [WORD]: all cases, into docs/benchmark.md; or only those whose name has the word, to be seen.
run_bench() {
  install_for_tests
  (cd "$HERE" && ./mvnw -B -ntp -q -pl bench package -DskipTests)
  with_instance measure "$@"
}

measure() {
  local run where=(--out "$HERE/docs/benchmark.md")
  [ -z "${1:-}" ] || where=(--only "$1")
  run=$(dirname "${DOCKER_HOST#unix://}")
  "$JAVA_HOME/bin/java" -cp "$HERE/bench/target/classes" dev.gantry.bench.Bench --ours "$run/docker.sock" \
    --pids "$(cat "$run"/*.pid | paste -sd,)" "${where[@]}"
}
