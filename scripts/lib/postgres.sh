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
# because PostgreSQL finds lib and share relative to its binaries; the system's directories are never written. The
# user who runs its programs can read it, but not change it. Sets pg_bin.
make_tree() {
  require_postgres
  pg_bin=$1$("$pg_config" --bindir)
  # One at a time in a checkout: tests that run beside each other share its build and its tree.
  (
    flock 9
    link_server "$1"
    install_extension "$1"
  ) 9<"$project_root/Makefile.pgxs"
}

# link_server TREE: the server's own files, unless they are there.
link_server() {
  local tree=$1 bin lib share
  bin=$("$pg_config" --bindir) lib=$("$pg_config" --pkglibdir) share=$("$pg_config" --sharedir)
  local stamp=$tree/.made-from
  local identity
  identity="$("$pg_config" --version) $(stat -c '%Y %s' "$bin/postgres")"
  if [[ ! -f $stamp && -n $(ls -A "$tree" 2>/dev/null) ]]; then
    die "$tree is not empty, and nothing that these scripts made" "remove it, or choose another directory"
  fi
  if [[ ! -f $stamp || ! -O $tree || $(cat "$stamp") != "$identity" ]]; then
    rm -rf "$tree"
    own_dir "$tree"
    # First: a tree that was left half made is ours too.
    printf 'incomplete\n' >"$stamp"
    mkdir -p "$tree$bin"
    cp -p "$bin"/* "$tree$bin/"
    link_tree "$lib" "$tree$lib"
    link_tree "$share" "$tree$share"
    printf '%s\n' "$identity" >"$stamp"
  fi
}

# install_extension TREE: what was built, unless it is there: a cluster may be at work on the tree.
install_extension() {
  local tree=$1 lib share installed=$1/.extension built
  local make=(make -s -C "$project_root" -f Makefile.pgxs PG_CONFIG="$pg_config")
  lib=$("$pg_config" --pkglibdir) share=$("$pg_config" --sharedir)
  "${make[@]}" all
  built=$(cd "$project_root" && sha256sum pg_attribution.so extension/pg_attribution.control build/pg_attribution--*.sql)
  if [[ -f $installed && $(cat "$installed") == "$built" ]]; then return; fi
  # An older install of the extension must not linger, nor be a link into the system.
  rm -f "$installed" "$tree$share/extension/pg_attribution"* "$tree$lib/pg_attribution.so"
  "${make[@]}" install DESTDIR="$tree"
  chmod -R a+rX "$tree"
  printf '%s\n' "$built" >"$installed"
}

# cluster_init DATA: an empty cluster of superuser postgres. Who reaches the socket's directory (mode 700) is
# trusted; over TCP only passwords count.
cluster_init() {
  local data=$1
  as_user "$pg_bin/initdb" -D "$data" -U postgres --no-locale --encoding=UTF8 --auth-local=trust \
    --auth-host=scram-sha-256 >/dev/null
}

# cluster_start DATA SOCKET_DIR PORT [SETTING=VALUE...]: starts it on loopback and waits until it answers. The array
# cluster_environment, if set, has variables for it: NAME=VALUE.
cluster_start() {
  local data=$1 socket=$2 port=$3 settings="" setting
  shift 3
  for setting in "$@"; do settings+=" -c '${setting}'"; done
  if ! as_user env "${cluster_environment[@]}" "$pg_bin/pg_ctl" -D "$data" -l "$data.log" -w -t 60 -s \
    -o "-p $port -k '$socket' -c listen_addresses=127.0.0.1 $settings" start >/dev/null; then
    warn "the end of $data.log:"
    as_user tail -n 20 "$data.log" >&2
    die "PostgreSQL did not start on port $port"
  fi
}
cluster_environment=()

# cluster_pid DATA: the process id of the postmaster, as its file says.
cluster_pid() { as_user head -n 1 "$1/postmaster.pid" | grep -xE '[0-9]+'; }

cluster_running() { as_user test -f "$1/postmaster.pid" && as_user "$pg_bin/pg_ctl" -D "$1" status >/dev/null 2>&1; }

# cluster_stop DATA [MODE]
cluster_stop() {
  if cluster_running "$1"; then as_user "$pg_bin/pg_ctl" -D "$1" -m "${2:-fast}" -w -s stop; fi
}

# Clusters of tests. What a test leaves running when it is killed is found by a mark in the run directory: the process
# that started the cluster and where its data are.

# test_cluster_paths NAME: sets work, a directory of ours, and in it users, one of the server's user, data and socket.
test_cluster_paths() {
  pg_bin=$(place tree)$("$pg_config" --bindir)
  work=$(work_dir "$1") users=$work/users
  users_dir "$users"
  data=$users/data
  socket=$(socket_dir "$users")
}

# test_cluster_make NAME: an empty cluster with this checkout's extension, not yet running; sets what
# test_cluster_paths sets. STARTER is the process to which it belongs.
test_cluster_make() {
  test_cluster_remove "$1"
  make_tree "$(place tree)"
  test_cluster_paths "$1"
  own_dir "$(run_dir)/.clusters"
  printf '%s %s\n' "${STARTER:-$$}" "$data" >"$(run_dir)/.clusters/$1"
  cluster_init "$data"
}

# test_cluster NAME FIRST_PORT [SETTING=VALUE...]: the same, running; sets port too, the first free one.
test_cluster() {
  local name=$1 first=$2
  shift 2
  test_cluster_make "$name"
  port=$(free_port "$first")
  cluster_start "$data" "$socket" "$port" "$@"
}

# test_cluster_stop NAME: its files stay, for who looks for a cause.
test_cluster_stop() {
  local work users data socket pg_bin
  test_cluster_paths "$1"
  cluster_stop "$data" immediate
  rm -f "$(run_dir)/.clusters/$1"
}

test_cluster_remove() {
  local place work users data socket pg_bin
  place=$(place "$1")
  if [[ -O $place ]]; then
    test_cluster_paths "$1"
    cluster_stop "$data" immediate
    as_user rm -rf "$users" "$socket" 2>/dev/null || true
  fi
  # Anybody else's is left to work_dir to complain of.
  case $(stat -c %U "$place" 2>/dev/null) in
    "$(id -un)" | "$(unprivileged_user)") rm -rf "$place" ;;
  esac
  rm -f "$(run_dir)/.clusters/$1"
}

# stop_leftover_clusters: those whose starter is gone.
stop_leftover_clusters() {
  local mark starter data pg_bin
  pg_bin=$("$pg_config" --bindir)
  for mark in "$(run_dir)/.clusters"/*; do
    [[ -f $mark && -O $mark ]] || continue
    read -r starter data <"$mark"
    if [[ -d /proc/$starter || $(stat -c %U "$data" 2>/dev/null) != "$(unprivileged_user)" ]]; then continue; fi
    cluster_stop "$data" immediate || true
    rm -f "$mark"
  done
}
