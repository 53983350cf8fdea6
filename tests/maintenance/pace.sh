# Sourced by run: what workers leave to others, processors and the disk.
# shellcheck shell=bash
# shellcheck disable=SC2154  # what run and the files that it sources set

reload() { sql postgres -c 'SELECT pg_reload_conf()' >/dev/null; }
# What each worker has, and the group of processes that is its own.
nices() {
  local pid
  for pid in $(pids); do
    printf '%s ' "$(ps -o ni= -p "$pid" | tr -d ' ')" "$(if [[ -e /proc/$pid/autogroup ]]; then sed 's/.* //' "/proc/$pid/autogroup"; else ps -o ni= -p "$pid"; fi)"
  done
}
pids() { sql postgres -c "SELECT pid FROM pg_stat_activity WHERE $of_type maintenance'"; }
eventually 'workers step back for others, each with its group of processes' '10 10 10 10 10 10 ' nices
sql postgres -c 'ALTER SYSTEM SET attribution.maintenance_nice = 13'
# Off and on: they start together, and the kernel takes one value at a time.
switch off
eventually 'switched off, none is left' '' databases
switch on
eventually '… and started together as far as is wanted' '13 13 13 13 13 13 ' nices

# Which process did what, and whether it waited for the disk.
sql two -f - <<'SQL'
CREATE TABLE public.paces (what text, told text, pid integer DEFAULT pg_backend_pid());
CREATE FUNCTION public.note_pace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.paces VALUES (TG_ARGV[0], current_setting('synchronous_commit'));
    RETURN NULL;
END
$$;
CREATE TRIGGER note_fold AFTER UPDATE ON attribution.report_builds FOR EACH ROW WHEN (NEW.name = 'rollups')
    EXECUTE FUNCTION public.note_pace('folding');
CREATE TRIGGER note_build AFTER UPDATE ON attribution.report_builds FOR EACH ROW WHEN (NEW.name = 'mv_realtime_revenue')
    EXECUTE FUNCTION public.note_pace('building');
SQL
sql postgres -c 'ALTER SYSTEM SET attribution.mv_realtime_revenue_interval = 0'
reload
pace() { sql two -c "SELECT DISTINCT told FROM public.paces WHERE what = '$1'"; }
book two
eventually 'folding waits for no disk' off pace folding
eventually '… nor does building a materialized view' off pace building

# Each time something new is queued, of no bucket.
sql two -f - <<'SQL'
CREATE FUNCTION public.queue_more() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO attribution.dirty_buckets (tenant_id, what, bucket_start) SELECT t.tenant_id, 'spend', 'epoch' FROM attribution.tenants AS t;
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_more AFTER UPDATE ON attribution.report_builds FOR EACH ROW WHEN (NEW.name = 'rollups') EXECUTE FUNCTION public.queue_more();
INSERT INTO attribution.dirty_buckets (tenant_id, what, bucket_start) SELECT t.tenant_id, 'spend', 'epoch' FROM attribution.tenants AS t;
SQL
queued() { sql two -c 'SELECT count(*) FROM attribution.dirty_buckets'; }
sql postgres -c "ALTER SYSTEM SET attribution.maintenance_interval = '1h'"
reload
# A worker that has never known another interval.
pid=$(pid_in two)
sql postgres -c "SELECT pg_terminate_backend($pid)" >/dev/null
eventually 'a worker of long intervals' yes another_pid "$pid" pid_in two
pid=$(pid_in two)
folds() { sql two -c "SELECT count(*) FROM public.paces WHERE what = 'folding' AND pid = $pid"; }
eventually '… folds once' 1 folds
sleep 1
is '… and leaves what came meanwhile for the interval' '1 fold, 1 queued' "$(folds) fold, $(queued) queued"
sql two -c 'DROP FUNCTION public.queue_more() CASCADE' -c 'DROP FUNCTION public.note_pace() CASCADE' -c 'DROP TABLE public.paces' >/dev/null
sql postgres -c 'ALTER SYSTEM SET attribution.maintenance_interval = 100' -c 'ALTER SYSTEM RESET attribution.mv_realtime_revenue_interval' \
  -c 'ALTER SYSTEM RESET attribution.maintenance_nice'
reload
eventually '… and then folded' 0 queued
