# `backup` and `restore`: one file with all that an instance keeps. docs/adr/0019-backup.md tells why it is consistent. Sourced.

# What the file is, for those that read it: a tar, and behind it a line with the digest of all before.
BACKUP_FORMAT=1
TRAILER_BYTES=72

# What a backup that ends, however it ends, takes away again.
WORK="" PART="" STAGE="" SERVERS=""
# Password of the role that reads a database in.
RESTORING=""

backup() {
  local file running=""
  one_file "$@"
  own_servers_only
  can_be_written "$file"
  need_root
  [ -f "$DATA/postgres/data/PG_VERSION" ] || fail "there is nothing in $DATA that could be backed up"
  begin_work
  make_work
  if runs standalone || runs servers; then
    running=yes
  else
    ! runs supervisor || fail "the database is about to start, or does not: see \`status\`"
    exec 8>"$RUN/up.lock"
    flock 8
    start_database "$DATA"
  fi
  has_room "$(bytes_to_save)" "$(dirname -- "$file")"
  say "noting where everything stands${running:+, while it runs}"
  take_cut
  say "writing $file"
  write_backup "$file"
  say "made $file, $(du -h -- "$file" | cut -f1)"
}

# Of one backup at a time; one that was killed may have left some.
make_work() {
  make_directories
  exec 9>"$DATA/tmp/backup.lock"
  flock -n 9 || fail "another backup of $DATA is under way"
  WORK=$DATA/tmp/backup
  rm -rf "$WORK"
  mkdir -p "$WORK/files/content/blobs" "$WORK/files/agent" "$WORK/files/kafka/data"
}

restore() {
  local file target opened
  one_file "$@"
  own_servers_only
  [ -e "$file" ] || refuse "there is no file $file"
  [ -f "$file" ] || refuse "$file is no ordinary file"
  need_root
  begin_work
  exec {opened}<"$file"
  opened=/proc/$$/fd/$opened
  target=$(readlink -m -- "$DATA")
  may_be_restored "$target"
  say "checking $file"
  check_backup "$file" "$opened"
  # A new directory may be made for it, which PostgreSQL's user must get through.
  (umask 022 && mkdir -p "$(dirname "$target")")
  has_room $(($(stat -L -c %s "$opened") + 128 * 1024 * 1024)) "$(dirname "$target")"
  STAGE=$(mktemp -d "$target.restore.XXXXXX")
  say "unpacking images, volumes and containers"
  unpack "$file" "$opened"
  cut_topics "$file"
  move_host
  say "reading the database in"
  fill_database
  rm -rf "$STAGE"/{database,topics,gantry-backup}
  touch "$STAGE/$MARKER"
  sync -f "$STAGE"
  may_be_restored "$target"
  mv -T "$STAGE" "$target" || fail "$target is in use"
  STAGE=""
  say "restored in $DATA; start it with: $0${CONFIG:+ --config $CONFIG} up"
}

# Sets `file`.
one_file() {
  file=${1:-}
  [ -n "$file" ] || refuse "$COMMAND needs a file"
  [[ $file != -* ]] || refuse "unknown option $file of $COMMAND; it takes a file"
  no_more_than 1 "$@"
}

own_servers_only() {
  [ -z "$(setting gantry.postgres.jdbc-url "")" ] ||
    refuse "with gantry.postgres.jdbc-url the database is not Gantry's own: $COMMAND works without it only, use PostgreSQL's own tools"
  [ -z "$(setting gantry.kafka.bootstrap-servers "")" ] ||
    refuse "with gantry.kafka.bootstrap-servers the event log is not Gantry's own: $COMMAND works without it only, use Kafka's own tools"
}

# can_be_written FILE
can_be_written() {
  local directory
  directory=$(dirname -- "$1")
  [ -d "$directory" ] || refuse "there is no directory $directory"
  [ ! -e "$1" ] || [ -f "$1" ] || refuse "$1 is no ordinary file"
  case $(readlink -f -- "$directory")/ in
    "$(readlink -m -- "$DATA")"/*) refuse "$1 would be in the data directory itself" ;;
  esac
}

begin_work() {
  export LC_ALL=C
  umask 077
  # A reader that is gone is an error of the writer, which is said.
  trap '' PIPE
  trap 'exit 1' INT TERM HUP
  trap end_work EXIT
}

end_work() {
  stop_database
  [ -z "$PART" ] || rm -f -- "$PART"
  [ -z "$WORK" ] || rm -rf "$WORK"
  [ -z "$STAGE" ] || rm -rf "$STAGE"
}

# has_room BYTES DIRECTORY
has_room() {
  local free
  free=$(df --output=avail -B1 -- "$2" | tail -n 1)
  [ "$free" -ge "$1" ] ||
    fail "$2 has room for $((free >> 20)) MiB, and $(($1 >> 20)) MiB are needed"
}

# Without the database, which is little of it: a dump takes a fraction of its files.
bytes_to_save() {
  local all=("$DATA"/content/blobs "$DATA"/agent/volumes "$DATA"/agent/snapshots/containers "$DATA"/agent/containers
    "$DATA"/kafka/data)
  local present=() path
  for path in "${all[@]}"; do
    [ ! -d "$path" ] || present+=("$path")
  done
  # Of containers that run, the root filesystem is mounted there.
  { du -s -B1 -c --exclude=merged --exclude='*index' "${present[@]}" 2>/dev/null || true; } | tail -n 1 | cut -f1
}

# start_database DIRECTORY: PostgreSQL alone, of the data below it, until stop_database.
start_database() {
  local lib i words
  find_jdk || exit 1
  install_packages
  build
  mkdir -p "$WORK"
  lib=$(dirname "$(jar_of standalone)")/lib
  read -r -a words <<<"$(jvm_flags servers)"
  # It ends with us, however we end: the next `up` has one of its own.
  setpriv --pdeathsig TERM -- "$JAVA_HOME/bin/java" "${words[@]}" -XX:-UsePerfData -Djava.io.tmpdir="$WORK" -cp "$lib/main/*:$lib/boot/*" \
    dev.gantry.embedded.process.Servers "$1" "$WORK/servers.properties" postgres </dev/null >"$WORK/servers.out" 2>&1 8>&- 9>&- &
  SERVERS=$!
  for ((i = 0; i < 3000; i++)); do
    [ ! -f "$WORK/servers.properties" ] || return 0
    kill -0 "$SERVERS" 2>/dev/null || break
    sleep 0.1
  done
  fail "PostgreSQL does not start: $(sed -n 's/^.*Exception: //p' "$WORK/servers.out" | tail -n 1)"
}

stop_database() {
  [ -n "$SERVERS" ] || return 0
  kill "$SERVERS" 2>/dev/null || true
  wait "$SERVERS" 2>/dev/null || true
  SERVERS=""
}

# postgres_program NAME DIRECTORY ARGUMENT...: one of PostgreSQL's programs on the database below the directory.
postgres_program() {
  local name=$1 directory=$2/postgres bin
  shift 2
  bin=/usr/lib/postgresql/$(<"$directory/data/PG_VERSION")/bin
  [ -x "$bin/$name" ] || bin=$(dirname "$(command -v "$name")") || fail "there is no program $name: the package postgresql-client"
  printf '127.0.0.1:*:*:%s\n' "gantry:$(<"$directory/password")" "restoring:$RESTORING" >"$WORK/pgpass"
  # Of PostgreSQL's variables none of the caller's; and no password on a command line.
  env -i PATH="$PATH" LC_ALL=C PGPASSFILE="$WORK/pgpass" PGCONNECT_TIMEOUT=10 PGHOST=127.0.0.1 \
    PGPORT="$(<"$directory/port")" PGUSER=gantry PGDATABASE=gantry "$bin/$name" "$@"
}

# The state of one moment. Every change of state has a fact, in the same transaction, that goes to an outbox: while those
# are locked nothing changes, and what was published before is in the topics, what was not in the outboxes.
take_cut() {
  local snapshot files=$WORK/files
  printf '%s\n' "format $BACKUP_FORMAT" "gantry $(own_version)" "made $(date -u +%FT%TZ)" >"$files/gantry-backup"
  # Before the moment, so that no fact counts as taken whose consequence is not in the database.
  copy_moving -a "$DATA"/kafka/data/__consumer_offsets-* "$files/kafka/data/"
  open_session gate
  open_session state
  ask_session gate "begin; set local lock_timeout = '10s'; set local idle_in_transaction_session_timeout = '60s';
    select format('lock table %I.outbox in share mode', schemaname) from pg_tables where tablename = 'outbox' \\gexec" >/dev/null
  snapshot=$(ask_session state "begin isolation level repeatable read read only; select pg_export_snapshot();")
  (cd "$DATA/kafka/data" && find . -path './*-*/*.log' ! -path './__*' -printf '%s %P\n') >"$files/topics"
  # Blobs are never changed, a container's files replaced as a whole: links keep them as they are.
  cp -a --link "$DATA/content/blobs" "$files/content/" || fail "the content could not be linked"
  [ ! -d "$DATA/agent" ] || link_agent "$files/agent"
  ask_session gate "commit;" >/dev/null
  # After it, so that it knows every topic.
  copy_moving -a "$DATA"/kafka/data/{meta.properties,bootstrap.checkpoint,__cluster_metadata-0} "$files/kafka/data/"
  postgres_program pg_dump "$DATA" --format=custom --compress=1 --snapshot="$snapshot" --file="$files/database" 2>"$WORK/dump.err" ||
    fail "the database could not be written: $(tail -n 1 "$WORK/dump.err")"
  has_all_content "$files/content/blobs/sha256"
  ask_session state "commit;" >/dev/null
}

# The reports last: what a container's state shows by then is reported in them, or was before.
link_agent() {
  local file
  copy_moving -a --link "$DATA/agent/containers" "$1/"
  for file in host-id reports.jsonl epoch.json; do
    copy_moving -a "$DATA/agent/$file" "$1/"
  done
}

# Copies what a program is at work on, whose files may go meanwhile.
copy_moving() {
  cp "$@" 2>"$WORK/copy.err" || ! grep -v 'No such file or directory' "$WORK/copy.err" >"$WORK/copy.other" ||
    fail "$(head -n 1 "$WORK/copy.other")"
}

has_all_content() {
  local digest
  for digest in $(ask_session state "select distinct substr(digest, 8) from image.image_content where digest like 'sha256:%';"); do
    [ -f "$1/$digest" ] || fail "the content sha256:$digest of an image is missing in $DATA/content"
  done
}

# open_session NAME: a psql that ask_session talks to.
open_session() {
  local in out
  mkfifo "$WORK/$1.in" "$WORK/$1.out"
  postgres_program psql "$DATA" --no-psqlrc --no-align --tuples-only --quiet --set=ON_ERROR_STOP=1 \
    <"$WORK/$1.in" >"$WORK/$1.out" 2>"$WORK/$1.err" 8>&- 9>&- &
  exec {in}>"$WORK/$1.in" {out}<"$WORK/$1.out"
  SESSION_IN[$1]=$in SESSION_OUT[$1]=$out
}
declare -A SESSION_IN=() SESSION_OUT=()

# ask_session NAME SQL
ask_session() {
  local line
  printf '%s\n\\echo --\n' "$2" >&"${SESSION_IN[$1]}" 2>/dev/null || true
  while read -r -u "${SESSION_OUT[$1]}" line; do
    [ "$line" != -- ] || return 0
    echo "$line"
  done
  fail "the database does not answer: $(sed -n 1p "$WORK/$1.err")"
}

own_version() {
  echo "${PACKAGED:-$(version_of_sources)}"
}

# What is written while it is read, one file after the other: volumes, containers' own files and the topics, which are
# only ever appended to.
live_files() {
  local directory
  cd "$DATA"
  find kafka/data -path '*-*/*' ! -path 'kafka/data/__*' \( -name '*.log' -o -name partition.metadata \) -print0
  for directory in agent/volumes agent/snapshots/containers; do
    [ ! -d "$directory" ] || printf '%s\0' "$directory"
  done
  layers_without_content
}

# An image that was removed by force while a container stands on it has no content any more, but layers.
layers_without_content() {
  local spec id digest
  for spec in "$WORK"/files/agent/containers/*/spec.json; do
    [ -f "$spec" ] || continue
    id=$(basename "$(dirname "$spec")")
    for digest in $(grep -o '"digest":"sha256:[0-9a-f]\{64\}"' "$spec" | cut -d: -f3 | tr -d '"'); do
      [ -f "$WORK/files/content/blobs/sha256/$digest" ] || {
        sed -n 's,^sha256:\([0-9a-f]\{64\}\)$,agent/snapshots/\1,p' "agent/snapshots/containers/$id/layers" 2>/dev/null || true
        break
      }
    done
  done | sort -u | while IFS= read -r layer; do
    [ ! -d "$layer" ] || printf '%s\0' "$layer"
  done
}

# write_backup FILE
write_backup() {
  local out digest
  PART=$1.part
  rm -f -- "$PART"
  # Made by us, not found: in a directory of somebody else's it could lead anywhere.
  set -C
  { exec {out}>"$PART"; } 2>/dev/null || fail "$PART cannot be written"
  set +C
  (live_files) >"$WORK/names"
  digest=$(pack 2>>"$WORK/pack.err" | tee --output-error=exit "/proc/self/fd/$out" 2>>"$WORK/pack.err" | sha256sum) ||
    fail "$1 could not be written: $(what_failed "$WORK/pack.err")"
  printf 'sha256 %s\n' "${digest%% *}" >>"/proc/$$/fd/$out" || fail "$1 could not be written"
  sync "/proc/$$/fd/$out"
  exec {out}>&-
  mv -T -- "$PART" "$1"
  PART=""
  sync -f "$(dirname -- "$1")"
}

# what_failed FILE: of the messages in there; what writes knows better than what wants to.
what_failed() {
  { sed -n 's/^tee: [^:]*: //p' "$1" && grep -v -e 'as we read it' -e 'before we read it' -e 'socket ignored' \
    -e 'padding with zeros' "$1"; } | sed -n '1{s/^[a-z]*: //;p}'
}

# A file that changes while it is read is no error.
pack() {
  local status=0
  tar --create --numeric-owner --sparse --xattrs --xattrs-include='*' --xattrs-exclude=trusted.overlay.origin \
    --anchored --wildcards --no-wildcards-match-slash --exclude='agent/snapshots/containers/*/merged/*' \
    --exclude='agent/snapshots/containers/*/work/*' --exclude='agent/snapshots/*/unsynced' \
    --exclude='agent/volumes/.removed-*' --exclude='kafka/data/*/*index' \
    --directory "$WORK/files" gantry-backup topics database agent content kafka \
    --directory "$DATA" --null --files-from "$WORK/names" || status=$?
  [ "$status" -le 1 ]
}

# may_be_restored DIRECTORY
may_be_restored() {
  local part
  for part in supervisor $PARTS; do
    ! runs "$part" || fail "$part of this instance runs, pid $PID: \`down\` comes first"
  done
  ! mountpoint -q "$1" || fail "$1 is a mount point: a directory in it can be restored, set gantry.data-dir"
  [ ! -e "$1" ] || [ -d "$1" ] || fail "$1 is no directory"
  [ -z "$(ls -A "$1" 2>/dev/null)" ] || fail "$1 is not empty: what is restored needs a new directory"
}

# check_backup FILE OPENED: whether all of it is there as it was written, by whom, and for whom.
check_backup() {
  local key value format="" made_by="" digest trailer
  case $(stat -L -c '%u %A' "$2") in
    "$(id -u) "-????-??-?) ;;
    *) fail "$1 is not root's alone: whoever could write it would be root here; make sure of it, then chown root and chmod 600" ;;
  esac
  digest=$(head -c "-$TRAILER_BYTES" "$2" | sha256sum)
  trailer=$(tail -c "$TRAILER_BYTES" "$2" | tr -d '\0')
  [ "$trailer" = "sha256 ${digest%% *}" ] ||
    fail "$1 is no backup, or not all of it, or has changed since it was made"
  while read -r key value; do
    case $key in
      format) format=$value ;;
      gantry) made_by=$value ;;
    esac
  done < <(tar --extract --to-stdout --occurrence=1 --file "$2" gantry-backup 2>/dev/null | tr -d '\0' | awk 'NR <= 8 && length <= 200')
  [ "$format" = "$BACKUP_FORMAT" ] ||
    fail "$1 is of another version: its format is ${format:-unknown}, that of this Gantry $BACKUP_FORMAT"
  [ "$(printf '%s\n' "$made_by" "$(own_version)" | sort -V | tail -n 1)" = "$(own_version)" ] ||
    fail "$1 is of another version: Gantry $made_by made it, and this is $(own_version)"
  check_members "$1" "$2"
}

# Only what a backup has, and links, devices and the like only where containers and volumes have their own files: no member
# leads out of the directory, whatever a tar may hold.
check_members() {
  local bad
  # What tar itself has to say is no member either.
  bad=$({ tar --list --verbose --numeric-owner --quoting-style=escape --quote-chars=' ' --file "$2" 2>&1 || true; } | awk '
    function theirs(name) {
      return name ~ /^agent\/(volumes\/[^\/]+\/_data|snapshots\/containers\/[^\/]+\/upper|snapshots\/[0-9a-f]+\/fs)\//
    }
    function ours(name) {
      return name ~ /^(gantry-backup|topics|database|agent\/(host-id|epoch\.json|reports\.jsonl))$/ ||
        name ~ /^content\/blobs\/sha256\/[0-9a-f]+$/ ||
        name ~ /^kafka\/data\/[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/ ||
        name ~ /^agent\/(containers\/[0-9a-f]+|volumes)\/[A-Za-z0-9_.-]+(\/copying)?$/ ||
        name ~ /^agent\/snapshots\/(containers\/[0-9a-f]+\/layers|[0-9a-f]+\/layer)$/
    }
    {
      kind = substr($1, 1, 1); name = $6; sub(/\/$/, "", name)
      if (name ~ /(^|\/)\.\.(\/|$)/) { print name; exit }
      if (kind == "d" ? theirs(name "/") : theirs(name) && kind ~ /^[-lpcb]$/) next
      if (theirs(name) && kind == "h" && $7 " " $8 == "link to" && theirs($9) && $9 !~ /(^|\/)\.\.(\/|$)/) next
      if (kind == "d" && $1 !~ /[sStT]/ && name ~ /^(agent|content|kafka)(\/[A-Za-z0-9_.-]+)*$/) next
      if (kind == "-" && $1 !~ /[sStT]/ && ours(name)) next
      print $0; exit
    }' | cut -c1-200)
  [ -z "$bad" ] || fail "$1 holds what no backup has: $bad"
}

# unpack FILE OPENED
unpack() {
  local directory
  tar --extract --numeric-owner --same-owner --same-permissions --xattrs --xattrs-include='*' --directory "$STAGE" \
    --file "$2" 2>"$STAGE/tar.err" ||
    fail "$1 could not be unpacked: $(sed -n 's/^tar: //p' "$STAGE/tar.err" | sed -n 1p)"
  rm "$STAGE/tar.err"
  mkdir -p "$STAGE"/{kafka/data,agent/containers,agent/volumes,agent/snapshots/containers,content/blobs/sha256}
  for directory in kafka content agent/containers; do
    chown -R root:root "$STAGE/$directory"
    chmod -R u=rwX,go= "$STAGE/$directory"
  done
  chmod 700 "$STAGE" "$STAGE"/agent{,/volumes,/snapshots,/snapshots/containers}
}

# What was published after the moment tells of what the database does not know. Kafka finds out the rest as after a crash.
cut_topics() {
  local size log found
  while read -r size log; do
    [[ "$size $log" =~ ^[0-9]+\ [A-Za-z0-9._-]+/[0-9]{20}\.log$ ]] || fail "$1 has no good list of topics"
    [ -f "$STAGE/kafka/data/$log" ] || continue
    [ "$(stat -c %s "$STAGE/kafka/data/$log")" -ge "$size" ] || fail "$1 has too little of $log"
    truncate -s "$size" "$STAGE/kafka/data/$log"
  done <"$STAGE/topics"
  (cd "$STAGE/kafka/data" && find . -path './*-*/*.log' ! -path './__*' -printf '%P\n') | while IFS= read -r found; do
    grep -q -x -F -e "$found" <(cut -d' ' -f2 "$STAGE/topics") || rm "$STAGE/kafka/data/$found"
  done
}

# Nothing of it runs here, whatever has the numbers of its processes now; and layers come from where this instance is.
move_host() {
  local source='"source":"[a-z]*://[^"]*/internal/image-service/content/sha256:'
  find "$STAGE/agent" -maxdepth 3 \( -name state.json -o -name epoch.json \) -exec \
    sed -i 's/"bootId":"[^"]*"/"bootId":"restored"/g' {} +
  find "$STAGE/agent/containers" -name spec.json -exec \
    sed -i "s|$source|\"source\":\"$(content_url)sha256:|g" {} +
}

# Where this instance's agent finds what images are made of.
content_url() {
  local standard=unix://$RUN/internal.sock
  [ "$PROCESSES" = together ] || standard=$(url_of image-service)
  setting gantry.image.content-url "$standard:/internal/image-service/content/" | sed 's/[&|\\]/\\&/g'
}

# By a role that may nothing else: what a dump has PostgreSQL do, it does with the rights of who reads it in.
fill_database() {
  WORK=$STAGE/tmp
  start_database "$STAGE"
  RESTORING=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  {
    echo "create role restoring login password '$RESTORING';"
    echo "grant create on database gantry to restoring;"
  } | postgres_program psql "$STAGE" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 2>"$WORK/fill.err" &&
    postgres_program pg_restore "$STAGE" --username=restoring --dbname=gantry --no-owner --no-privileges --single-transaction \
      --exit-on-error "$STAGE/database" 2>"$WORK/fill.err" &&
    postgres_program psql "$STAGE" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 2>"$WORK/fill.err" \
      <<<"reassign owned by restoring to gantry; drop owned by restoring; drop role restoring;" ||
    fail "the database could not be read in: $(sed -n 1p "$WORK/fill.err")"
  stop_database
  rm -rf "$WORK"
  WORK=""
}
