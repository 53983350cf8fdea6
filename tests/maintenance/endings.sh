# Sourced by run: how workers and launcher end, and come back.
# shellcheck shell=bash
# shellcheck disable=SC2154  # what run and the files that it sources set

switch off
eventually 'switched off, all workers end' '' databases
book one
is '… and what is ingested waits' '1|1' "$(state one)"
switch on
eventually 'switched on, they are back' 'bare one two' databases
eventually '… and do what waited' '0|2' state one

pid=$(launcher)
before=$(pid_in one)
sql postgres -c "SELECT pg_terminate_backend($pid)" >/dev/null
eventually 'a launcher that was ended comes back' yes another_pid "$pid" launcher
eventually '… with workers of its own' yes another_pid "$before" pid_in one
eventually '… one for each database' 'bare one two' databases

pid=$(pid_in one)
as_user kill -KILL "$pid"
eventually 'after kill -9 of a worker everything starts again' yes another_pid "$pid" pid_in one
eventually '… in each database' 'bare one two' databases
book one
eventually '… and works' '0|3' state one

postmaster=$(cluster_pid "$data")
# Stopped first, lest it starts one more that is not in the list.
as_user kill -STOP "$postmaster"
mapfile -t -d " " children <"/proc/$postmaster/task/$postmaster/children"
as_user kill -KILL "$postmaster"
gone() { if as_user "$pg_bin/pg_ctl" -D "$data" status >/dev/null 2>&1; then echo no; else echo yes; fi; }
eventually 'the postmaster is killed' yes gone
left() {
  local pid
  for pid in "$@"; do if [[ -e /proc/$pid ]]; then echo "$pid"; fi; done
}
# The next server does not start while one is there.
eventually '… and no process outlives it' '' left "${children[@]}"
cluster_start "$data" "$socket" "$port" "${settings[@]}"
book two
eventually 'after a crash of the whole server the workers are back' '0|3' state two
# Who removes the tables and who folds would wait for each other.
eventually '… and nothing is left to fold' 0 sql two -c 'SELECT count(*) FROM attribution.dirty_buckets'

sql two -c "SELECT attribution.uninstall('two')" -c 'DROP EXTENSION pg_attribution' >/dev/null
eventually 'DROP EXTENSION ends the worker' 'bare one' databases
open_shop two
eventually 'installed again, it is back' 'bare one two' databases

is 'DROP DATABASE works beside a worker' '' "$(sql postgres -c 'DROP DATABASE bare')"
eventually '… which ends' 'one two' databases
is 'ALTER DATABASE … RENAME works beside a worker' '' "$(sql postgres -c 'ALTER DATABASE two RENAME TO renamed')"
eventually '… which comes back' 'one renamed' databases
is 'CREATE DATABASE … TEMPLATE works beside a worker' '' "$(sql postgres -c 'CREATE DATABASE copied TEMPLATE renamed')"
eventually '… and the copy has one of its own' 'copied one renamed' databases
is 'DROP DATABASE … WITH (FORCE) works' '' "$(sql postgres -c 'DROP DATABASE copied WITH (FORCE)')"

cluster_stop "$data" fast
is 'a fast shutdown leaves no process' yes "$(gone)"
# The launchers of logical replication and of ours, a worker, and nothing for the finder any more.
cluster_start "$data" "$socket" "$port" "${settings[@]}" max_worker_processes=3
short='all background workers are in use'
eventually 'when workers are used up the log says so, with a hint' yes logged_some "$short"
eventually '…' yes logged_some 'HINT:  Raise max_worker_processes, which is 3.'
book one
book renamed
sleep 3 # some more looks
cluster_stop "$data" fast
is '… once' 1 "$(logged "$short")"
cluster_start "$data" "$socket" "$port" "${settings[@]}"
eventually '… and with more of them all is done' '0|4' state one
crashed() { as_user grep -cE 'was terminated by signal (6|11)|PANIC|TRAP' "$data.log" || true; }
is 'nothing crashed but what was killed' 0 "$(crashed)"
