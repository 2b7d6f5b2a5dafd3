# What a fresh Gantry is put through while its AOT caches are recorded: the classes that it loads and the profiles of what
# it does often are in the caches, so that its first containers start nearly as fast as its thousandth. Sourced.

EXERCISE_RUNS=80

# exercise DIRECTORY: its run/docker.sock is the endpoint; other files are left to be deleted with it.
exercise() {
  local aside=$1 i path
  for i in $(seq 600); do
    [ "$(engine GET _ping)" = OK ] && break
    sleep 0.2
  done
  # Until the host is known too.
  sleep 2
  for i in 1 2 3; do
    for path in version info containers/json images/json networks volumes "events?since=0&until=1"; do
      engine GET "$path" >/dev/null
    done
    sleep 1
  done
  exercise_image "$aside/image" && engine POST "images/load?quiet=1" application/x-tar "@$aside/image/image.tar" >/dev/null || return 0
  for i in $(seq "$EXERCISE_RUNS"); do
    exercise_run
  done
  exercise_exec
}

# engine METHOD PATH [TYPE BODY]
engine() {
  curl -s --max-time 20 --unix-socket "$aside/run/docker.sock" -X "$1" ${3:+-H "Content-Type: $3" --data-binary "$4"} \
    "http://gantry/$2" || true
}

# An image of links only, which has the programs of this machine when /usr is mounted into it.
exercise_image() {
  local directory=$1 sum
  mkdir -p "$directory/root/usr"
  ln -s usr/bin "$directory/root/bin"
  ln -s usr/lib "$directory/root/lib"
  ln -s usr/lib64 "$directory/root/lib64"
  tar -C "$directory/root" -cf "$directory/layer.tar" . || return 1
  sum=$(sha256sum "$directory/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" "$sum" >"$directory/config.json"
  printf '[{"Config":"config.json","RepoTags":["exercise:latest"],"Layers":["layer.tar"]}]' >"$directory/manifest.json"
  tar -C "$directory" -cf "$directory/image.tar" config.json manifest.json layer.tar
}

# exercise_create COMMAND, as a JSON array; prints the id.
exercise_create() {
  engine POST containers/create application/json "{\"Image\":\"exercise\",\"Cmd\":$1,\"AttachStdout\":true,
    \"AttachStderr\":true,\"HostConfig\":{\"Binds\":[\"/usr:/usr:ro\"],\"NetworkMode\":\"bridge\"}}" |
    sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p'
}

# As docker run --rm does it.
exercise_run() {
  local id attached
  id=$(exercise_create '["/bin/echo","hello"]')
  [ -n "$id" ] || return 0
  engine POST "containers/$id/attach?stream=1&stdout=1&stderr=1" >/dev/null &
  attached=$!
  engine POST "containers/$id/start" >/dev/null
  engine POST "containers/$id/wait" >/dev/null
  wait "$attached" || true
  engine GET "containers/$id/json" >/dev/null
  engine DELETE "containers/$id" >/dev/null
}

exercise_exec() {
  local id exec i
  id=$(exercise_create '["/bin/sleep","600"]')
  [ -n "$id" ] || return 0
  engine POST "containers/$id/start" >/dev/null
  for i in $(seq $((EXERCISE_RUNS / 2))); do
    exec=$(engine POST "containers/$id/exec" application/json \
      '{"AttachStdout":true,"AttachStderr":true,"Cmd":["/bin/true"]}' | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p')
    engine POST "exec/$exec/start" application/json '{}' >/dev/null
    engine GET "exec/$exec/json" >/dev/null
    engine GET "containers/json?all=1" >/dev/null
    engine GET "containers/$id/logs?stdout=1" >/dev/null
  done
  engine DELETE "containers/$id?force=1" >/dev/null
}
