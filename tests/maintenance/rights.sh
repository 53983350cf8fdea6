# Sourced by run: as whom the workers work, and rounds that fail. maintain() of database bare is replaced for that, by
# one with the rights of its caller.
# shellcheck shell=bash
# shellcheck disable=SC2154  # what run and the files that it sources set

# replace BODY: what the worker of bare calls.
replace() {
  sql bare -c "CREATE OR REPLACE FUNCTION attribution.maintain(max_items integer DEFAULT 10000) RETURNS bigint
                   LANGUAGE plpgsql AS \$replaced\$ BEGIN $1; RETURN 0; END \$replaced\$"
}
seen() { sql bare -c "SELECT DISTINCT told FROM public.seen WHERE what = '$1'"; }
# What the newest worker saw.
last_seen() { sql bare -c "SELECT told FROM public.seen WHERE what = '$1' ORDER BY ctid DESC LIMIT 1"; }

sql bare -f - <<'SQL'
CREATE TABLE public.seen (what text, told text);
GRANT INSERT ON public.seen TO attribution_maintainer;
CREATE FUNCTION public.try_all(moment text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    attempt text;
BEGIN
    FOREACH attempt IN ARRAY ARRAY['SET SESSION AUTHORIZATION postgres', 'RESET SESSION AUTHORIZATION', 'SET ROLE postgres',
                                   'ALTER ROLE attribution_maintainer SUPERUSER'] LOOP
        BEGIN
            EXECUTE attempt;
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
        INSERT INTO public.seen VALUES (moment || ' ' || attempt, session_user || ' ' || current_user || ' ' || current_setting('is_superuser'));
    END LOOP;
END
$$;
CREATE FUNCTION public.try_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.try_all('at commit');
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON public.seen DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.what = 'settings') EXECUTE FUNCTION public.try_at_commit();
SQL
sql postgres -c "ALTER ROLE attribution_maintainer SET search_path = public" -c "ALTER ROLE attribution_maintainer IN DATABASE bare SET work_mem = '7MB'" \
  -c 'ALTER DATABASE bare SET default_transaction_isolation = serializable'
replace "INSERT INTO public.seen SELECT 'settings', concat_ws(' | ', session_user, current_user, current_setting('search_path'),
    current_setting('work_mem'), current_setting('transaction_isolation'), current_setting('application_name'), current_setting('synchronous_commit'));
  PERFORM public.try_all('in a round')"
pid=$(pid_in bare)
sql postgres -c "SELECT pg_terminate_backend($pid)" >/dev/null
eventually 'a worker that was ended comes back' yes another_pid "$pid" pid_in bare
eventually 'it works as attribution_maintainer, with the settings of that role' \
  'attribution_maintainer | attribution_maintainer | pg_catalog, pg_temp | 7MB | read committed | pg_attribution maintenance | on' last_seen settings
for moment in 'in a round' 'at commit'; do
  for attempt in 'SET SESSION AUTHORIZATION postgres' 'RESET SESSION AUTHORIZATION' 'SET ROLE postgres' 'ALTER ROLE attribution_maintainer SUPERUSER'; do
    eventually "$moment, $attempt gives it no more rights" 'attribution_maintainer attribution_maintainer off' seen "$moment $attempt"
  done
done
is 'pg_stat_activity shows it' 'attribution_maintainer|pg_attribution maintenance|pg_attribution maintenance' \
  "$(sql postgres -c "SELECT DISTINCT usename, application_name, backend_type FROM pg_stat_activity WHERE datname = 'bare' AND $of_type maintenance'")"
sql postgres -c 'CREATE ROLE guard LOGIN' -c 'GRANT pg_signal_backend TO guard'
pid=$(pid_in bare)
sql postgres -c 'SET ROLE guard' -c "SELECT pg_terminate_backend($pid)" >/dev/null || true
eventually 'who may end processes that are no superuser'"'"'s may end it' yes another_pid "$pid" pid_in bare

replace "RAISE EXCEPTION 'a round that fails' USING ERRCODE = 'RA005'"
pid=$(pid_in bare)
logged_twice() { if (($(logged "$1") > 1)); then echo yes; fi; }
eventually 'a round that fails is logged, and tried again' yes logged_twice 'ERROR:  a round that fails'
eventually '… with where it was' yes logged_twice $'\tbackground worker "pg_attribution maintenance in bare"'
replace "INSERT INTO public.seen VALUES ('afterwards', 'worked')"
eventually '… and the next one works' worked seen afterwards
is '… in the same worker' "$pid" "$(pid_in bare)"

replace 'PERFORM pg_sleep(3600)'
waiting() { sql postgres -c "SELECT wait_event FROM pg_stat_activity WHERE $of_type maintenance' AND datname = 'bare'"; }
eventually 'a long round' PgSleep waiting
sql postgres -c "SELECT pg_cancel_backend($(pid_in bare))" >/dev/null
eventually '… can be cancelled' 1 logged 'canceling statement due to user request'
is '… and the worker lives on' "$pid" "$(pid_in bare)"
sql postgres -c "ALTER ROLE attribution_maintainer SET statement_timeout = '100ms'"
eventually 'a long round again' PgSleep waiting
sql postgres -c "SELECT pg_terminate_backend($pid)" >/dev/null
eventually '… can be ended' yes another_pid "$pid" pid_in bare
logged_some() { if (($(logged "$1") > 0)); then echo yes; fi; }
eventually 'the role'"'"'s statement_timeout holds' yes logged_some 'canceling statement due to statement timeout'
sql postgres -c 'ALTER ROLE attribution_maintainer RESET ALL'
replace 'NULL'
