# Sets JAVA_HOME to a JDK of at least 25: the one in JAVA_HOME, on the PATH, or below /usr/lib/jvm. A package brings a
# runtime of its own. Sourced, by sh too.

# Out of the file that every JDK has: to ask each program takes a second for each.
jdk_major() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
  if [ -n "${PACKAGED:-}" ]; then
    JAVA_HOME=$HERE/runtime
    export JAVA_HOME
    return 0
  fi
  # Callers have variables of these names: a package is made of the modules of another JDK.
  local path_javac candidate major
  path_javac=$(command -v javac 2>/dev/null || true)
  if [ -n "$path_javac" ]; then
    path_javac=$(dirname "$(dirname "$(readlink -f "$path_javac")")")
  fi
  for candidate in "${JAVA_HOME:-}" "$path_javac" /usr/lib/jvm/*; do
    if [ -n "$candidate" ] && [ -x "$candidate/bin/javac" ] && [ -r "$candidate/release" ]; then
      major=$(jdk_major "$candidate")
      if [ "${major:-0}" -ge 25 ]; then
        JAVA_HOME=$candidate
        export JAVA_HOME
        return 0
      fi
    fi
  done
  echo "gantry: no JDK of version 25 or newer in JAVA_HOME, on the PATH or below /usr/lib/jvm." >&2
  echo "        Install one (Temurin 25, for instance) and set JAVA_HOME to its directory." >&2
  return 1
}
