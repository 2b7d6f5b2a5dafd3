# Tests and the bench. Sourced.

# The published description of the Docker Engine API, which answers are checked against where it is found.
API_DESCRIPTION=${GANTRY_API_DESCRIPTION:-$HERE/../shared/docker-engine-api/v1.51.yaml}
BENCH_DOCKERDS=${GANTRY_BENCH_DOCKERD:-}
# For us, not for the instances that tests start: those refuse what is none of their settings.
unset GANTRY_API_DESCRIPTION GANTRY_BENCH_DOCKERD

# Programs that only tests need.
TEST_PACKAGES="docker.io:dockerd docker-registry:docker-registry busybox-static:busybox jq:jq iptables:iptables \
  docker-compose:docker-compose debootstrap:debootstrap systemd-container:systemd-nspawn"

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

run_test() {
  install_for_tests
  if [ "${1:-}" = --against ]; then
    [ "${2:-}" = dockerd ] || fail "tests run against dockerd only"
    local newer
    newer=$(newer_dockerd)
    (cd "$HERE" && PATH=${newer:+$(dirname "$newer"):${newer%/sbin/dockerd}/bin:}$PATH ./mvnw -B -ntp -pl compatibility-tests verify \
      -Dgantry.compatibility.against=dockerd -Dgantry.compatibility.api-description="$API_DESCRIPTION" \
      -Dgantry.compatibility.compose="$(newer_compose)" -Dgantry.compatibility.kubectl="$(newer_kubectl)")
    return
  fi
  # Two modules at once: tests wait more than they work.
  (cd "$HERE" && ./mvnw -B -ntp -fae -T 2 verify -pl '!compatibility-tests')
  local application
  for application in agent standalone gateway $SERVICES; do
    touch "$(jar_of "$application")"
  done
  with_instance compatibility_tests
}

compatibility_tests() {
  (cd "$HERE" && ./mvnw -B -ntp -pl compatibility-tests verify -Dgantry.compatibility.docker-host="$DOCKER_HOST" \
    -Dgantry.compatibility.launcher="$HERE/gantry" -Dgantry.compatibility.api-description="$API_DESCRIPTION" \
    -Dgantry.compatibility.compose="$(newer_compose)" -Dgantry.compatibility.dockerd="$(newer_dockerd)" \
    -Dgantry.compatibility.kubectl="$(newer_kubectl)")
}

# newer PROGRAM PACKAGE...: prints the program out of those packages of Debian's next release, unpacked into .build/ beside what the
# system has installed. It is linked statically, or with a libc as old as ours. Nothing is printed where apt does not have it.
NEWER_SUITE=trixie
newer() {
  local dir=$CACHES/$NEWER_SUITE program=$1 uri package
  shift
  if [ ! -x "$dir/$program" ]; then
    uri=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | sed -n 1p)
    [ -n "$uri" ] && [ "$(. /etc/os-release && echo "$VERSION_CODENAME")" != "$NEWER_SUITE" ] || return 0
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $NEWER_SUITE main" >"$dir/apt/sources.list"
    (
      cd "$dir/apt/archives"
      apt_aside "$dir/apt" update
      for package; do
        # Of that release, whatever of the same name is installed.
        apt_aside "$dir/apt" download "$package/$NEWER_SUITE"
        dpkg -x "$(ls -t "${package}"_*.deb | sed -n 1p)" "$dir"
      done
    ) >"$dir/apt/log" 2>&1 || {
      say "no newer ${program##*/}, see $dir/apt/log" >&2
      return 0
    }
  fi
  echo "$dir/$program"
}

# newer_dockerd: to compare with.
newer_dockerd() {
  newer usr/sbin/dockerd docker.io docker-buildx docker-compose
}

# newer_kubectl: renders the manifests; this release's is too old for them.
newer_kubectl() {
  newer usr/bin/kubectl kubectl
}

# newer_compose: prints the Compose 2 that stands beside it; nothing where there is none.
newer_compose() {
  local newer compose
  newer=$(newer_dockerd)
  compose=${newer%/sbin/dockerd}/libexec/docker/cli-plugins/docker-compose
  if [ -n "$newer" ] && [ -x "$compose" ]; then
    echo "$compose"
  fi
}

# apt_aside DIR WORD...: apt-get with lists, sources and archives of its own.
apt_aside() {
  local dir=$1
  shift
  apt-get -qq -o APT::Sandbox::User=root -o "Dir::State::lists=$dir/lists" -o "Dir::Etc::sourcelist=$dir/sources.list" \
    -o Dir::Etc::sourceparts=- -o "Dir::Cache::archives=$dir/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

# run_bench [WORD] [OPTION...]: all cases, into docs/benchmark.md; or only those whose name has the word, to be seen.
# GANTRY_BENCH_DOCKERD names other dockerds to compare with, separated by commas.
run_bench() {
  install_for_tests
  (cd "$HERE" && ./mvnw -B -ntp -q -pl bench package -DskipTests)
  with_instance measure "$@"
}

measure() {
  local run where=(--out "$HERE/docs/benchmark.md") dockerds=$BENCH_DOCKERDS newer
  case ${1:-} in
    "" | --*) ;;
    *)
      where=(--only "$1")
      shift
      ;;
  esac
  if [ -z "$dockerds" ]; then
    newer=$(newer_dockerd)
    dockerds=$(command -v dockerd)${newer:+,$newer}
  fi
  run=$(dirname "${DOCKER_HOST#unix://}")
  "$JAVA_HOME/bin/java" -cp "$HERE/bench/target/classes" dev.gantry.bench.Bench --launcher "$HERE/gantry" \
    --config "$(dirname "$run")/properties" --run "$run" --dockerd "$dockerds" "${where[@]}" "$@"
}
