# What is installed without its sources: a Debian package, and the same as a .tar.gz. Sourced.

# Of java.se and the JDK, what our libraries name: java.desktop for java.beans alone, which Hibernate reads classes with.
RUNTIME_MODULES=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http
RUNTIME_MODULES=$RUNTIME_MODULES,java.rmi,java.security.jgss,java.security.sasl,java.sql,java.transaction.xa,java.xml
RUNTIME_MODULES=$RUNTIME_MODULES,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs,jdk.crypto.cryptoki

# Where the package puts itself. The AOT caches are trained with the files there: a cache serves the very files, times
# included, that it was made with, but they may be found elsewhere together.
INSTALLED=/usr/lib/gantry

# Depends: of the .deb. PostgreSQL's own binaries are of a version, its package's name too.
DEPENDS="bash (>= 5.1), coreutils, util-linux, procps, curl, iproute2, nftables, libnftables1, tini, conmon, crun, runc"
DEPENDS="$DEPENDS, postgresql, golang-github-containers-common | containers-common, libc6 (>= 2.34), zlib1g"

# package [--out DIRECTORY] [--jdk DIRECTORY]: both, of the machine's architecture; or of that whose JDK is named, which has
# its modules in jmods/ then, and without AOT caches: nothing of it can run here.
package() {
  local out=$PWD jdk="" stage architecture version epoch
  while [ $# -gt 0 ]; do
    case $1 in
      --out) out=${2:-} ;;
      --jdk) jdk=${2:-} ;;
      *) refuse "unknown option $1 of package; there are --out DIRECTORY and --jdk DIRECTORY" ;;
    esac
    [ -n "${2:-}" ] || refuse "$1 needs a directory"
    shift 2
  done
  need_root
  find_jdk || exit 1
  [ -d "$out" ] || refuse "there is no directory $out"
  jdk=${jdk:-$JAVA_HOME}
  [ -r "$jdk/release" ] || refuse "there is no JDK in $jdk"
  architecture=$(architecture_of "$jdk")
  # Without them jlink would take those of the JDK that it runs on.
  [ "$architecture" = "$(architecture_of "$JAVA_HOME")" ] || [ -d "$jdk/jmods" ] ||
    refuse "the JDK in $jdk has no directory jmods, which a package of another architecture is made of"
  command -v dpkg-deb >/dev/null || fail "dpkg-deb is missing: the package dpkg"
  install_packages
  PROCESSES=separate build
  version=$(version_of_sources)
  epoch=$(source_epoch)
  stage=$CACHES/package
  rm -rf "$stage"
  mkdir -p "$stage/root$INSTALLED"
  (
    umask 022
    say "putting files together"
    put_applications "$stage/root$INSTALLED"
    put_scripts "$stage/root$INSTALLED" "$version"
    cut_runtime "$jdk" "$stage/root$INSTALLED/runtime"
    same_times "$stage/root" "$epoch"
  )
  if [ "$architecture" = "$(architecture_of "$JAVA_HOME")" ]; then
    train_package "$stage/root$INSTALLED"
  else
    say "no AOT caches for $architecture can be made on this machine: starts take longer there"
  fi
  # For the training alone.
  rm -rf "$stage/root$INSTALLED/launcher/exercise"
  same_times "$stage/root$INSTALLED/launcher" "$epoch"
  make_archive "$stage/root$INSTALLED" "$out/gantry-$version-linux-$architecture.tar.gz" "$version" "$epoch"
  make_deb "$stage" "$out/gantry_${version}_$architecture.deb" "$version" "$architecture" "$epoch"
  rm -rf "$stage"
}

# In Debian's words.
architecture_of() {
  case $(sed -n 's/^OS_ARCH="\(.*\)"/\1/p' "$1/release") in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) fail "the JDK in $1 is of an architecture that Gantry does not run on" ;;
  esac
}

version_of_sources() {
  # 1.2.0-SNAPSHOT comes before 1.2.0, for dpkg too.
  sed -n 's/^  <version>\(.*\)<\/version>/\1/p' "$HERE/pom.xml" | sed 's/-SNAPSHOT/~snapshot/'
}

# When what is packed was made: of the last commit, so that the same sources give the same bytes.
source_epoch() {
  echo "${SOURCE_DATE_EPOCH:-$(git -C "$HERE" log -1 --format=%ct 2>/dev/null || stat -c %Y "$HERE/pom.xml")}"
}

# Libraries that several applications have are one file.
put_applications() {
  local application jar name shared=$1/applications/shared sealed
  mkdir -p "$shared"
  for application in agent standalone gateway $SERVICES; do
    cp -r "$(dirname "$(jar_of "$application")")" "$1/applications/$application"
    rm -f "$1/applications/$application/quarkus-app-dependencies.txt"
    # A sealed package is of one place: an AOT cache of it is good for no other.
    for sealed in "$1/applications/$application"/lib/main/org.tukaani.xz-*.jar; do
      [ -f "$sealed" ] || continue
      echo "Sealed: false" >"$1/manifest"
      "$JAVA_HOME/bin/jar" --update --file "$sealed" --manifest "$1/manifest" 2>/dev/null \
        --date "$(date -u -d "@$(source_epoch)" +%FT%TZ)" || fail "$sealed cannot be changed"
      rm "$1/manifest"
    done
    for jar in "$1/applications/$application"/lib/*/*.jar; do
      name=${jar##*/}
      if cmp -s "$jar" "$shared/$name"; then
        ln -f "$shared/$name" "$jar"
      elif [ ! -e "$shared/$name" ]; then
        ln "$jar" "$shared/$name"
      fi
    done
  done
  rm -r "$shared"
}

put_scripts() {
  mkdir -p "$1/launcher"
  cp "$HERE/gantry" "$HERE/LICENSE" "$HERE/README.md" "$HERE/CHANGELOG.md" "$1/"
  cp "$HERE"/launcher/*.sh "$1/launcher/"
  rm "$1"/launcher/{tests,package,images}.sh
  cp -r "$HERE/launcher/exercise" "$1/launcher/"
  echo "$2" >"$1/VERSION"
}

# cut_runtime JDK DIRECTORY: Java without compiler and tools.
cut_runtime() {
  local modules=() strip=--strip-debug
  # The machine's objcopy knows no libraries of others.
  [ "$(architecture_of "$1")" = "$(architecture_of "$JAVA_HOME")" ] || strip=--strip-java-debug-attributes
  [ ! -d "$1/jmods" ] || modules=(--module-path "$1/jmods")
  say "cutting a runtime of Java"
  "$JAVA_HOME/bin/jlink" "${modules[@]}" --add-modules "$RUNTIME_MODULES" --no-header-files --no-man-pages "$strip" \
    --compress zip-6 --vm server --output "$2"
  # For what runs a moment only, such as the check of the settings; the parts have caches of their own.
  [ "$(architecture_of "$1")" != "$(architecture_of "$JAVA_HOME")" ] || "$2/bin/java" -Xshare:dump -Xlog:disable -Xlog:all=error:stderr
  rm -rf "$2/lib/classlist" "$2/legal"
  # Debian's modules have the names of all symbols in files of their own, 600 MB.
  find "$2" -name '*.debuginfo' -delete
  trust_store "$2/lib/security/cacerts"
}

# Authorities that Debian trusts: the JDK's are often those of the machine, with what its owner trusts besides.
AUTHORITIES=/usr/share/ca-certificates/mozilla
trust_store() {
  [ -d "$AUTHORITIES" ] || fail "there is no $AUTHORITIES: the package ca-certificates"
  rm -f "$1"
  "$JAVA_HOME/bin/java" "$HERE/launcher/package/TrustStore.java" "$1" "$AUTHORITIES"/*.crt
}

same_times() {
  chmod -R go-w,a+rX "$1"
  find "$1" -exec touch -h -d "@$2" {} +
}

# train_package ROOT [separate]: caches are made in ROOT where it will be, in a mount namespace of our own.
train_package() {
  local made="" status=0
  say "making AOT caches of what is packed"
  mkdir -p "$1/caches"
  [ -d "$INSTALLED" ] || { mkdir "$INSTALLED" && made=yes; }
  unshare --mount --propagation private sh -c 'mount --bind "$1" "$2" && exec "$2/gantry" train "$3" $4' - \
    "$1" "$INSTALLED" "$JAVA_HOME" "${2:-}" || status=$?
  [ -z "$made" ] || rmdir "$INSTALLED"
  [ "$status" = 0 ] || fail "the AOT caches could not be made, see above"
  rm -f "$1/caches/caches.log"
  chmod 755 "$1/caches"
  chmod 644 "$1"/caches/*
}

# make_archive ROOT FILE VERSION EPOCH
make_archive() {
  tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$4" --clamp-mtime --transform "s,^\.,gantry-$3," \
    --transform 'flags=h;s,^\./,,' -C "$1" . | gzip -6n >"$2"
  say "made $2, $(du -h "$2" | cut -f1)"
}

# The manual page, with the table of settings out of the README.
manual() {
  awk -v readme="$HERE/README.md" '
    function text(cell) {
      gsub(/^ +| +$|`/, "", cell)
      gsub(/\\/, "\\e", cell)
      gsub(/-/, "\\-", cell)
      return cell
    }
    $0 != "@SETTINGS@" { print; next }
    {
      while ((getline line <readme) > 0) {
        if (split(line, cell, "|") > 4 && cell[2] ~ /^ `gantry\./) {
          print ".TP\n.B " text(cell[2]) (text(cell[3]) == "" ? "" : "\n(" text(cell[3]) ")")
          print text(cell[4])
        }
      }
    }' "$HERE/launcher/package/gantry.8"
}

# make_deb STAGE FILE VERSION ARCHITECTURE EPOCH
make_deb() {
  local root=$1/root
  (
    umask 022
    mkdir -p "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/etc/gantry" "$root/usr/share/man/man8" \
      "$root/usr/share/bash-completion/completions" "$root/usr/share/doc/gantry" "$root/DEBIAN"
    ln -sf "../lib/gantry/gantry" "$root/usr/bin/gantry"
    cp "$HERE"/launcher/package/*.service "$root/usr/lib/systemd/system/"
    cp "$HERE/launcher/package/gantry.properties" "$root/etc/gantry/"
    manual | gzip -9n >"$root/usr/share/man/man8/gantry.8.gz"
    cp "$HERE/launcher/package/completion.bash" "$root/usr/share/bash-completion/completions/gantry"
    cp "$HERE/LICENSE" "$root/usr/share/doc/gantry/copyright"
    gzip -9n <"$HERE/CHANGELOG.md" >"$root/usr/share/doc/gantry/changelog.gz"
    echo /etc/gantry/gantry.properties >"$root/DEBIAN/conffiles"
    cp "$HERE"/launcher/package/debian/* "$root/DEBIAN/"
    chmod 755 "$root"/DEBIAN/{preinst,postinst,prerm,postrm}
    cat >"$root/DEBIAN/control" <<CONTROL
Package: gantry
Version: $3
Architecture: $4
Maintainer: The Gantry authors <gantry@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $DEPENDS
Recommends: docker-cli | docker.io
Suggests: docker-compose
Section: admin
Priority: optional
Description: container platform that speaks the Docker Engine API
 Runs containers on this machine for unmodified clients of Docker: the docker
 command line, Compose, Testcontainers and others point at its socket. State is
 kept in PostgreSQL, every fact is an event of a log that can be replayed, and
 containers go on when any part of it dies.
 .
 Brings its own runtime of Java, PostgreSQL's data and log; it runs beside a
 dockerd.
CONTROL
  )
  same_times "$root" "$5"
  chmod 600 "$root/etc/gantry/gantry.properties"
  SOURCE_DATE_EPOCH=$5 dpkg-deb --root-owner-group -Zzstd -z9 --build "$root" "$2" >/dev/null
  say "made $2, $(du -h "$2" | cut -f1)"
}
