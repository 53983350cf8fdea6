# Sourced by run: a cancel and a terminate that arrive from another session.
# shellcheck shell=bash

# outcome_when COMMAND STATEMENT: the SQLSTATE that STATEMENT ends with when COMMAND (SQL over the waiting pid) is
# run from another session, then what the same backend answers afterwards.
outcome_when() {
  local command=$1 statement=$2 out=${work:?}/waiting.out pid="" waiter
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

# Two sessions pay the same order: the second waits for the first one's lock inside ingest_events().
order="FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order"
coproc holder { sql -At 2>&1; }
holder_pid=$!
{
  cat tests/fixtures/sample_order.sql
  printf '%s\n' 'BEGIN;' "SELECT status $order(900, 100));"
} >&"${holder[1]}"
read -r held <&"${holder[0]}"
sample=$(cat tests/fixtures/sample_order.sql)
expect 'the holder of the lock' created "$held"
# Once without a wait, so that what lasts between calls is made before the count.
warm="$sample SELECT count(*) $order(901, 100)); SELECT count(*) $order(901, 100)); SELECT set_config('faults.before', faults.outstanding()::text, false);"
for limit in '' "SET statement_timeout = '500ms';" "SET lock_timeout = '500ms';"; do
  case $limit in
    '') name='cancel' command=pg_cancel_backend state=57014 ;;
    *statement*) name='statement timeout' command='' state=57014 ;;
    *) name='lock timeout' command='' state=55P03 ;;
  esac
  found=$(outcome_when "$command" "$warm $limit SELECT status $order(900, 200));")
  expect "$name while ingest_event waits for a lock" "*ERROR:  $state *after|0|0 " "$found"
done
printf '%s\n' 'COMMIT;' '\q' >&"${holder[1]}"
wait "$holder_pid" || true
expect 'what waited in vain left nothing' '1|100' \
  "$(sql -At -c "SELECT count(*), sum(amount_minor) FROM attribution.revenue_ledger WHERE money_key = 'shopify:order:900'")"
