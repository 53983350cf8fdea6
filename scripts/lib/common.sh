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

# work_dir NAME [WANTED]: makes a directory of the unprivileged user and prints its path. It is WANTED (or
# NAME in ATTRIBUTION_RUN_DIR, by default .run in the checkout) when that user can reach it, else one under /var/tmp: a checkout may lie below /root.
work_dir() {
  local wanted=${2:-${ATTRIBUTION_RUN_DIR:-$project_root/.run}/$1} user
  user=$(unprivileged_user)
  mkdir -p "$(dirname "$wanted")"
  if ! as_user test -x "$(dirname "$wanted")"; then
    wanted=/var/tmp/pg_attribution-$(printf '%s' "$wanted" | sha256sum | cut -c1-12)
  fi
  mkdir -p "$wanted"
  if ((EUID == 0)); then
    if [[ $(stat -c %U "$wanted") == root ]]; then chown "$user" "$wanted"; fi
  fi
  [[ $(stat -c %U "$wanted") == "$user" ]] ||
    die "$wanted belongs to $(stat -c %U "$wanted"), not to $user" "remove it, or run this as the same user as before"
  printf '%s\n' "$wanted"
}

# A socket's path may have 107 bytes, PostgreSQL's name for it included.
socket_dir() {
  local wanted=$1/socket
  if ((${#wanted} > 85)); then
    wanted=/tmp/pg_attribution-$(printf '%s' "$1" | sha256sum | cut -c1-12)
  fi
  as_user mkdir -p -m 700 "$wanted"
  [[ $(stat -c %U "$wanted") == "$(unprivileged_user)" ]] || die "$wanted belongs to somebody else" "remove it"
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
