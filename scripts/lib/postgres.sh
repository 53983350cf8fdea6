# Sourced: the PostgreSQL to work with, a private tree with the extension in it, and private clusters on that tree.
# shellcheck shell=bash

pg_config=${PG_CONFIG:-pg_config}

require_postgres() {
  command -v "$pg_config" >/dev/null || die "pg_config not found" "run scripts/install-packages, or set PG_CONFIG"
  [[ -x $("$pg_config" --bindir)/initdb ]] ||
    die "no PostgreSQL server in $("$pg_config" --bindir)" "run scripts/install-packages, or set PG_CONFIG"
}

# link_tree FROM TO: real directories with one symlink per file. A linked directory would be written through.
link_tree() {
  mkdir -p "$2"
  (cd "$1" && find . -type d -print0) | (cd "$2" && xargs -0 mkdir -p)
  cp -rs --remove-destination "$1/." "$2/"
}

# make_tree DIR: a private copy of the server under DIR with this checkout's extension installed into it. It works
# because PostgreSQL finds lib and share relative to its binaries; the system's directories are never written.
# Sets pg_bin.
make_tree() {
  local tree=$1 bin lib share
  require_postgres
  bin=$("$pg_config" --bindir) lib=$("$pg_config" --pkglibdir) share=$("$pg_config" --sharedir)
  pg_bin=$tree$bin
  local stamp=$tree/.made-from
  local identity
  identity="$("$pg_config" --version) $(stat -c '%Y %s' "$bin/postgres")"
  if [[ ! -f $stamp || $(cat "$stamp") != "$identity" ]]; then
    rm -rf "$tree"
    mkdir -p "$pg_bin"
    cp -p "$bin"/* "$pg_bin/"
    link_tree "$lib" "$tree$lib"
    link_tree "$share" "$tree$share"
    printf '%s\n' "$identity" >"$stamp"
  fi
  # An older install of the extension must not linger, nor be a link into the system.
  rm -f "$tree$share/extension/pg_attribution"* "$tree$lib/pg_attribution.so"
  make -s -C "$project_root" -f Makefile.pgxs install PG_CONFIG="$pg_config" DESTDIR="$tree"
  chmod -R a+rX "$tree"
}

# cluster_init DATA: an empty cluster of superuser postgres. Who reaches the socket's directory (mode 700) is
# trusted; over TCP only passwords count.
cluster_init() {
  local data=$1
  as_user "$pg_bin/initdb" -D "$data" -U postgres --no-locale --encoding=UTF8 --auth-local=trust \
    --auth-host=scram-sha-256 >/dev/null
}

# cluster_start DATA SOCKET_DIR PORT [SETTING=VALUE...]: starts it on loopback and waits until it answers.
cluster_start() {
  local data=$1 socket=$2 port=$3 settings="" setting
  shift 3
  for setting in "$@"; do settings+=" -c '${setting}'"; done
  if ! as_user "$pg_bin/pg_ctl" -D "$data" -l "$data.log" -w -t 60 -s \
    -o "-p $port -k '$socket' -c listen_addresses=127.0.0.1 $settings" start >/dev/null; then
    warn "the end of $data.log:"
    tail -n 20 "$data.log" >&2
    die "PostgreSQL did not start on port $port"
  fi
}

cluster_running() { [[ -f $1/postmaster.pid ]] && as_user "$pg_bin/pg_ctl" -D "$1" status >/dev/null 2>&1; }

# cluster_stop DATA [MODE]
cluster_stop() {
  if cluster_running "$1"; then as_user "$pg_bin/pg_ctl" -D "$1" -m "${2:-fast}" -w -s stop; fi
}
