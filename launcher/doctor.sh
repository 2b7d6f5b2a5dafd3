# `gantry doctor`: what is wrong with this machine, the settings, the permissions, and what is left of containers and
# instances that are gone; with each, what to do about it. It changes nothing. Sourced.

# The oldest kernel with openat2 and everything else that the agent calls.
KERNEL_MAJOR=5 KERNEL_MINOR=6
# Below this much there is no room for images and logs, in MiB.
LEAST_DISK=1024
# About what docs/benchmark.md has for all of it at rest.
LEAST_MEMORY=700

# As many open files are named, the others are counted.
MOST_PATHS=10

FOUND=0

good() {
  echo "ok       $*"
}

# wrong WHAT REMEDY
wrong() {
  FOUND=$((FOUND + 1))
  echo "WRONG    $1"
  echo "         $2"
}

# check WHAT REMEDY COMMAND...: wrong when the command fails.
check() {
  local what=$1 remedy=$2
  shift 2
  if "$@" >/dev/null 2>&1; then
    good "$what"
  else
    wrong "not so: $what" "$remedy"
  fi
}

doctor() {
  no_more_than 0 "$@"
  need_root
  check_machine
  check_programs
  check_space
  check_configuration
  check_processes
  check_permissions
  check_leftovers
  if [ "$FOUND" = 0 ]; then
    say "all is well"
  else
    say "$FOUND things are wrong"
    return 1
  fi
}

check_machine() {
  check "the machine is x86_64 or aarch64: $(uname -m)" "there is no build for others" supported_machine
  check "the kernel is $KERNEL_MAJOR.$KERNEL_MINOR or newer: $(uname -r)" "install a newer kernel" supported_kernel
  check "the kernel has overlayfs" "load it: modprobe overlay" has_overlay
  check "the kernel has seccomp filters" "use a kernel with CONFIG_SECCOMP_FILTER" grep -q '^Seccomp_filters' /proc/self/status
  local space
  for space in mnt net pid ipc uts; do
    [ -e "/proc/self/ns/$space" ] || wrong "the kernel has no $space namespaces" "use a kernel that has"
  done
  check "cgroups are mounted below /sys/fs/cgroup and can be made" \
    "mount -t cgroup2 none /sys/fs/cgroup; in a container, run it privileged" can_make_cgroup
  check "nftables can be read" "load it: modprobe nf_tables" nft list tables
  check "IPv4 is forwarded, or can be" "make /proc/sys writable" test -w /proc/sys/net/ipv4/ip_forward
}

supported_machine() {
  case $(uname -m) in x86_64 | aarch64) ;; *) return 1 ;; esac
}

supported_kernel() {
  local major minor
  IFS=.- read -r major minor _ < <(uname -r)
  [ "$major" -gt "$KERNEL_MAJOR" ] || { [ "$major" = "$KERNEL_MAJOR" ] && [ "$minor" -ge "$KERNEL_MINOR" ]; }
}

has_overlay() {
  grep -qw overlay /proc/filesystems || modprobe -n overlay
}

cgroup_roots() {
  awk '$3 == "cgroup2" || $3 == "cgroup" && $4 ~ /(^|,)(memory|pids)(,|$)/ { print $2 }' /proc/self/mounts
}

can_make_cgroup() {
  local root
  root=$(cgroup_roots | sed -n 1p)
  [ -n "$root" ] && mkdir "$root/gantry-doctor.$$" && rmdir "$root/gantry-doctor.$$"
}

check_programs() {
  local missing
  if find_jdk 2>/dev/null; then
    good "a JDK of 25 or newer: $JAVA_HOME"
  else
    wrong "no JDK of 25 or newer" "install one and set JAVA_HOME to its directory"
  fi
  missing=$(missing_packages)
  if [ -z "$missing" ]; then
    good "all programs are installed"
  else
    wrong "packages are missing:$missing" "gantry up installs them, or apt-get install$missing"
  fi
  if [ -n "$PACKAGED" ]; then
    check "what is installed is whole" "install the package again" test -f "$(jar_of agent)" -a -f "$(jar_of standalone)"
  elif is_stale standalone || is_stale agent; then
    wrong "what is built is older than its sources, or nothing is built" "gantry up builds it; parts that run go on as they are"
  else
    good "everything is built"
  fi
}

# The nearest directory above that exists.
existing() {
  local path=$1
  while [ ! -e "$path" ]; do path=$(dirname "$path"); done
  echo "$path"
}

check_space() {
  local where free inodes type
  where=$(existing "$DATA")
  free=$(df -Pm "$where" | awk 'NR == 2 { print $4 }')
  inodes=$(df -Pi "$where" | awk 'NR == 2 { print $4 == "-" ? 1000000 : $4 }')
  type=$(stat -f -c %T "$where")
  check "$free MiB and $inodes inodes are free for $DATA" "free at least $LEAST_DISK MiB, or set gantry.data-dir" \
    test "$free" -ge "$LEAST_DISK" -a "$inodes" -ge 10000
  case $type in
    overlayfs | nfs* | fuse* | smb* | cifs)
      wrong "$DATA is on $type, which overlayfs cannot write to" "set gantry.data-dir to a local ext4, xfs or btrfs"
      ;;
    *) good "$DATA is on $type" ;;
  esac
  free=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
  if runs standalone || runs servers; then
    good "$free MiB of memory are free beside what runs"
  else
    check "$free MiB of memory are free" "Gantry and its containers want $LEAST_MEMORY MiB" test "$free" -ge "$LEAST_MEMORY"
  fi
}

check_configuration() {
  local refusal
  if [ ! -f "$(jar_of agent)" ] || [ -z "${JAVA_HOME:-}" ]; then
    return
  fi
  # In a process of its own, for it exits where it finds something.
  if refusal=$(check_settings 2>&1); then
    good "the settings in ${CONFIG:-the environment}, and the ports in them"
  else
    wrong "${refusal#gantry: }" "correct it in ${CONFIG:-the environment}; README.md lists all settings"
  fi
}

check_processes() {
  local part reason none=yes parts="supervisor $PARTS"
  ! is_systemds || parts=$PARTS
  for part in $parts; do
    ! runs "$part" || none=""
  done
  if [ -n "$none" ]; then
    good "nothing of $RUN runs"
    return
  fi
  for part in $parts; do
    reason=$(reason_of_end "$part")
    check "$part runs" "gantry up starts it${reason:+; it ended with: $reason}" runs "$part"
  done
  check "the endpoint answers, and the host is known" "look into gantry logs" is_ready
}

# Nobody but root, and who is in the socket's group, has anything to do here.
check_permissions() {
  local path count=0
  while IFS= read -r path; do
    count=$((count + 1))
    [ "$count" -gt "$MOST_PATHS" ] || wrong "others can read or change $path" "chmod go-rwx '$path'"
  done < <(open_paths)
  if [ "$count" = 0 ]; then
    good "nothing of ours is open to other users"
  elif [ "$count" -gt "$MOST_PATHS" ]; then
    wrong "so can they $((count - MOST_PATHS)) others below $DATA, $RUN and $LOG" "find them with the same command again"
  fi
}

# Of our directories, those below which others cannot get are not looked into: what is in them is a container's.
open_paths() {
  local directory
  for directory in "$DATA" "$RUN" "$LOG"; do
    [ -d "$directory" ] || continue
    find "$directory" -xdev -path "$SOCKET" -prune -o -type d ! -perm /go=x -prune \
      -perm /go=rw -print -o ! -type l -perm /go=rw -print 2>/dev/null
  done
}

check_leftovers() {
  local before=$FOUND
  check_conmons
  check_mounts
  check_links
  check_cgroups
  check_tables
  [ "$FOUND" != "$before" ] || good "nothing is left of containers that are gone"
}

# Supervisors of containers whose instance is gone, or which ours does not know.
check_conmons() {
  local pid bundle run
  for pid in $(pgrep -x conmon || true); do
    bundle=$({ tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | sed -n '/^--bundle$/{n;p;}')
    case $bundle in */agent/c/* | */agent/x/*) ;; *) continue ;; esac
    run=${bundle%/agent/[cx]/*}
    if [ ! -e "$run/$MARKER" ]; then
      wrong "conmon $pid supervises a container of $run, which is no instance any more" "pkill -9 -P $pid; kill -9 $pid"
    elif [ "$run" = "$RUN" ] && [[ $bundle == */agent/c/* ]] && ! knows "${bundle##*/}"; then
      wrong "conmon $pid supervises ${bundle##*/}, which this instance does not know" "pkill -9 -P $pid; kill -9 $pid"
    fi
  done
}

# Whether this instance has a container whose id begins so.
knows() {
  compgen -G "$DATA/agent/containers/$1*" >/dev/null
}

check_mounts() {
  local mount id
  while IFS= read -r mount; do
    if ! runs agent && ! [ -e "$DATA/$MARKER" ]; then
      wrong "$mount is mounted, but there is no instance" "umount -l '$mount'"
      continue
    fi
    id=$(grep -oE '[0-9a-f]{32,64}' <<<"$mount" | sed -n 1p) || true
    [ -z "$id" ] || knows "${id:0:32}" ||
      [ -e "$RUN/agent/x/${id:0:32}" ] || wrong "$mount is mounted for a container that is gone" "umount -l '$mount'"
  done < <(mounts_of_ours)
}

check_links() {
  local name alias id
  while read -r name alias; do
    id=$(grep -oE '[0-9a-f]{32,64}' <<<"$alias" | sed -n 1p) || true
    if [ -n "$id" ] && ! knows "${id:0:32}"; then
      wrong "interface $name belongs to container ${id:0:12}, which is gone" "ip link delete $name"
    elif [ -z "$id" ] && ! [ -e "$DATA/$MARKER" ]; then
      wrong "interface $name is there, but no instance" "ip link delete $name"
    fi
  done < <(links_of_ours)
}

# Of containers that ended: the cgroup of one that runs has processes.
check_cgroups() {
  local root group
  while IFS= read -r root; do
    for group in "$root"/gantry/*/; do
      [ -d "$group" ] || continue
      group=${group%/}
      [[ ${group##*/} =~ ^[0-9a-f]{64}$ ]] || continue
      if ! grep -q . "$group/cgroup.procs" && ! find "$group" -name cgroup.procs -exec grep -q . {} \; -print -quit | grep . >/dev/null; then
        wrong "the cgroup $group is empty" "find '$group' -depth -type d -delete"
      fi
    done
  done < <(cgroup_roots)
}

check_tables() {
  local family
  [ ! -e "$DATA/$MARKER" ] || return 0
  for family in inet ip bridge; do
    ! nft list table "$family" "$TABLE" >/dev/null 2>&1 ||
      wrong "there is a firewall table $family $TABLE, but no instance" "nft delete table $family $TABLE"
  done
}
