# Sourced by every script here: messages, progress, the unprivileged user, and where things lie.
# shellcheck shell=bash

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# A signal ends a script by way of its EXIT trap, which cleans up.
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }

# die MESSAGE [WHAT TO DO]
die() {
  warn "error: $1"
  if [[ -n ${2:-} ]]; then warn "hint: $2"; fi
  exit 1
}

# Runs a command with its output in a log; says every ten seconds that it still runs, and shows the end of the
# log when it fails. A background job of a script does not see Ctrl-C, so it is ended here.
run_quietly() {
  local label=$1 log job started=$SECONDS next=10 status=0 traps
  shift
  traps=$(trap -p INT TERM)
  log=$(mktemp "${TMPDIR:-/tmp}/pg_attribution.XXXXXX.log")
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  # shellcheck disable=SC2064
  trap "kill $job 2>/dev/null; rm -f '$log'; exit 130" INT TERM
  printf '%s ...\n' "$label"
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - started >= next)); then
      printf '%s ... %d s\n' "$label" $((SECONDS - started))
      next=$((next + 10))
    fi
  done
  wait "$job" || status=$?
  trap - INT TERM
  eval "$traps"
  if ((status != 0)); then
    warn "$label failed after $((SECONDS - started)) s; the end of its output ($log):"
    tail -n 40 "$log" >&2
    return "$status"
  fi
  rm -f "$log"
}

# PostgreSQL refuses to run as root, so root's clusters belong to somebody else.
unprivileged_user() {
  if ((EUID != 0)); then
    id -un
  elif id postgres >/dev/null 2>&1; then
    printf 'postgres\n'
  else
    printf 'nobody\n'
  fi
}

# as_user COMMAND...: the command as the unprivileged user.
as_user() { (exec_as_user "$@"); }

# Replaces this shell, so that no process in between keeps a signal from the command or has its process id.
exec_as_user() {
  if ((EUID != 0)); then exec "$@"; fi
  local user
  user=$(unprivileged_user)
  cd /  # where we are, that user may not be
  exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups env HOME=/nonexistent "$@"
}

run_dir() { printf '%s\n' "${ATTRIBUTION_RUN_DIR:-$project_root/.run}"; }

# own_dir DIR: makes a directory that only we can change. Root executes, sources and writes nothing in any other: who
# can change a directory can put a link or a program of his own there.
own_dir() {
  local owner
  [[ -d $1 ]] || (umask 022 && mkdir -p "$1" 2>/dev/null) || die "cannot make $1" "choose another directory"
  owner=$(stat -L -c %U "$1")
  [[ ! -L $1 && -O $1 ]] || die "$1 belongs to $owner or is a link" "remove it, or choose another directory"
  # A sticky directory, such as /tmp, keeps what is ours in it.
  if ((EUID == 0)) && [[ ! -k $1 && -n $(find "$1" -maxdepth 0 -perm /022) ]]; then
    die "others can write to $1" "chmod go-w ${1@Q}, or choose another directory"
  fi
}

# place NAME [WANTED]: prints the path of a directory that the unprivileged user can reach: WANTED (or NAME in the run
# directory), or one under /var/tmp, since a checkout may lie below /root.
place() {
  local wanted=${2:-$(run_dir)/$1}
  own_dir "$(dirname "$wanted")"
  if ! as_user test -x "$(dirname "$wanted")"; then
    wanted=/var/tmp/pg_attribution-$(printf '%s' "$wanted" | sha256sum | cut -c1-12)
  fi
  printf '%s\n' "$wanted"
}

# work_dir NAME [WANTED]: makes that directory, as one of ours, and prints its path.
work_dir() {
  local dir
  dir=$(place "$@")
  own_dir "$dir"
  chmod a+rx "$dir"
  printf '%s\n' "$dir"
}

# users_dir DIR: makes a directory of the unprivileged user in one of ours. Root goes in as that user only.
users_dir() {
  if [[ ! -d $1 ]]; then
    mkdir -m 700 "$1"
    give_to_user "$1"
  fi
  [[ ! -L $1 && $(stat -c %U "$1") == "$(unprivileged_user)" ]] ||
    die "$1 belongs to $(stat -c %U "$1"), not to $(unprivileged_user)" "remove it"
}

# give_to_user PATH: of something that lies in a directory of ours.
give_to_user() {
  if ((EUID == 0)); then chown -h "$(unprivileged_user)" "$1"; fi
}

# A socket's path may have 107 bytes, PostgreSQL's name for it included.
socket_dir() {
  local wanted=$1/socket
  if ((${#wanted} > 85)); then
    wanted=/tmp/pg_attribution-$(printf '%s' "$1" | sha256sum | cut -c1-12)
  fi
  as_user mkdir -p -m 700 "$wanted"
  [[ ! -L $wanted && $(stat -c %U "$wanted") == "$(unprivileged_user)" ]] || die "$wanted belongs to somebody else" "remove it"
  printf '%s\n' "$wanted"
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

port_in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port FIRST: the first port from FIRST on that nobody listens on.
free_port() {
  local port=$1
  while port_in_use "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port"
}
