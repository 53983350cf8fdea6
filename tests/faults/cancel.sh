# Sourced by run: a cancel and a terminate that arrive from another session.
# shellcheck shell=bash

# outcome_when COMMAND STATEMENT: the SQLSTATE that STATEMENT ends with when COMMAND (SQL over the waiting pid) is
# run from another session, then what the same backend answers afterwards.
outcome_when() {
  local command=$1 statement=$2 out=${base:?}/waiting.out pid="" waiter
  sql -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate -At >"$out" 2>&1 <<SQL &
SET application_name = 'waiting';
SELECT 'warm', faults.live();
SELECT set_config('faults.before', faults.outstanding()::text, false);
$statement
SELECT 'after', faults.live(), faults.outstanding() - current_setting('faults.before')::bigint;
SQL
  waiter=$!
  for _ in $(seq 100); do
    pid=$(sql -At -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'waiting' AND state = 'active'
                        AND now() - query_start > interval '200 ms'")
    [[ -z $pid ]] || break
    sleep 0.1
  done
  if [[ -n $pid && -n $command ]]; then sql -c "SELECT $command($pid)" >/dev/null; fi
  wait "$waiter" || true
  tr '\n' ' ' <"$out" | sed -E 's/^warm\|0 [0-9-]+ //'
}

expect() {
  local name=$1 wanted=$2 found=$3
  # shellcheck disable=SC2053
  result "$([[ $found == $wanted ]] && echo yes || echo no)" "$name: $found"
}

expect 'cancel below live objects' 'ERROR:  57014 *after|0|0 ' "$(outcome_when pg_cancel_backend "SELECT faults.raise('wait');")"
expect 'cancel in a C++ loop' 'ERROR:  57014 *after|0|0 ' "$(outcome_when pg_cancel_backend "SELECT faults.raise('loop');")"
expect 'terminate below live objects' 'FATAL:  57P01*' "$(outcome_when pg_terminate_backend "SELECT faults.raise('wait');")"
