# Sourced by the benchmark: its cluster, its server, its load, and what they cost.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # variables shared with the files sourced before, and with the benchmark

sql() { as_user "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$socket" -p "$port" -U postgres -d attribution "$@"; }

bench_start() {
  require_postgres
  [[ -x $attributiond ]] || build_programs OFF
  build_extension
  # Checkpoints would hit some rounds and not others.
  test_cluster test-bench 54500 fsync=on synchronous_commit=on shared_buffers=512MB max_wal_size=16GB \
    checkpoint_timeout=1h autovacuum=off
  orders=$work/orders postmaster=$(cluster_pid "$data")
  sql -d postgres -c 'CREATE DATABASE attribution'
  sql -c 'CREATE EXTENSION pg_attribution' -c 'SELECT FROM attribution.migrate()' 2>&1 >/dev/null |
    { grep -vE '^(INFO|HINT):' >&2 || true; }
  bench_make_tenants
  bench_start_server
  bench_capture_event
}

# Tenant n has the UUID that ends in n. All endpoints have one secret, encrypted once.
bench_make_tenants() {
  local first=018f0000-0000-7000-8000-000000000000 template
  install -m 755 "$attributiond" "$work/attributiond"
  (umask 077 && as_user "$work/attributiond" keygen >"$work/secret-key")
  give_to_user "$work/secret-key"
  sql <<END >/dev/null
CREATE ROLE attributiond LOGIN NOINHERIT;
GRANT attribution_server TO attributiond;
CREATE ROLE pgbench LOGIN;
GRANT attribution_svc_ingestion TO pgbench;
SELECT attribution.create_tenant(name => 'tenant 0', tenant_id => '$first');
END
  secret=shpss_bench
  template=$(printf '%s' "$secret" | as_user "$work/attributiond" endpoint create --tenant "$first" --provider shopify \
    --account bench-0.myshopify.com --secret-file - --secret-key-file "$work/secret-key" \
    --database "host=$socket port=$port user=postgres dbname=attribution")
  sql <<END >/dev/null
SELECT attribution.create_tenant(name => 'tenant ' || n, tenant_id => t.id),
       attribution.create_webhook_endpoint(tenant_id => t.id, provider => 'shopify', account => 'bench-' || n || '.myshopify.com',
           secret_ciphertext => (SELECT secret_ciphertext FROM attribution.webhook_endpoints WHERE endpoint_id = '$template'))
  FROM generate_series(1, 999) AS n,
       LATERAL (SELECT ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id) AS t;
VACUUM ANALYZE;
END
}

bench_start_server() {
  local tries=0
  http_port=$(free_port 8145)
  (exec_as_user "$work/attributiond" serve --listen 127.0.0.1 --port "$http_port" --log-level warn \
    --secret-key-file "$work/secret-key" --database "host=$socket port=$port user=attributiond dbname=attribution") \
    >"$work/server.log" 2>&1 </dev/null &
  server_pid=$!
  until curl -sf -o /dev/null "http://127.0.0.1:$http_port/api/health"; do
    tries=$((tries + 1))
    ((tries < 100)) || die "the server did not start" "its log: $work/server.log"
    sleep 0.1
  done
}

bench_stop_server() {
  if [[ -z ${server_pid:-} ]]; then return; fi
  kill -TERM "$server_pid" 2>/dev/null || true
  wait "$server_pid" || true
  server_pid=""
}

bench_stop() {
  bench_stop_server
  test_cluster_remove test-bench
}

# bench_make_orders TENANTS COUNT SEED: signed requests in $orders; another seed makes other orders.
bench_make_orders() {
  rm -rf "$orders" && mkdir -p "$orders"
  sql -At -F ' ' -c "SELECT endpoint_id, '$secret', account FROM attribution.webhook_endpoints
                      ORDER BY tenant_id LIMIT $1" >"$orders/endpoints"
  "$project_root/scripts/samples/make-shopify-orders" --endpoints "$orders/endpoints" --count "$2" --out "$orders" \
    --format raw --parts 2 --all-paid --seed "$3" --url "http://127.0.0.1:$http_port"
}

# What the server passes to ingest_events for one order, as PostgreSQL logs it: the text of the pgbench script.
bench_capture_event() {
  sql -c "ALTER ROLE attributiond SET log_statement = 'all'" -c 'ALTER ROLE attributiond SET log_parameter_max_length = -1'
  bench_stop_server
  bench_start_server
  bench_make_orders 1 10 2000
  wrk -t1 -c1 -d1 -s "$project_root/tests/bench/orders.lua" "http://127.0.0.1:$http_port" -- "$orders" >/dev/null 2>&1 || true
  event=$(grep -oE -m1 "\[\{\"(version|states)\".*\}\]" <(as_user cat "$data.log") || true)
  [[ -n $event ]] || die "the event was not found in $data.log"
  sql -c 'ALTER ROLE attributiond RESET ALL'
  bench_stop_server
  bench_start_server
  bench_write_pgbench_script
}

# Distinct per call: the delivery key, the digest, and the order's id. A colon in the text would be a variable of
# pgbench, so it is written as an escape.
bench_write_pgbench_script() {
  EVENT=$event perl -e '
    my $event = $ENV{EVENT};
    # The log shows jsonb, with spaces; the server sends none.
    $event =~ s/("(?:[^"\\]|\\.)*")|\s+/defined $1 ? $1 : ""/ge;
    my ($key) = $event =~ /"key": ?"([^"]+)"/ or die "no key\n";
    my ($digest) = $event =~ /"digest": ?"([0-9a-f]{64})"/ or die "no digest\n";
    my ($order) = $event =~ /"external_id": ?"(\d+)"/ or die "no order\n";
    # One event as ingest_event takes it.
    $event =~ s/^\[(.*)\]$/$1/ or die "no array\n";
    $event =~ s/\Q$key\E/\0bench-\0ID\0/g;
    $event =~ s/\Q$digest\E/\0DIGEST\0/g;
    $event =~ s/\Q$order\E/\0ID\0/g;
    my @parts = split /\0/, $event;
    my $text = join " || ", map {
        if ($_ eq "ID") { ":id::text" }
        elsif ($_ eq "DIGEST") { q{lpad(:id::text, 64, } . "\x27" . "0" . "\x27)" }
        else { s/\\/\\\\/g; s/\x27/\x27\x27/g; s/:/\\x3a/g; "E\x27$_\x27" }
    } grep { length } @parts;
    print "\\set n :n + 1\n\\set id :base + :client_id * 100000000 + :n\n\\set tenant random(0, :tenants - 1)\n";
    print "SELECT status, event_id, code FROM attribution.ingest_event(",
        "(\x27018f0000-0000-7000-8000-\x27 || lpad(to_hex(:tenant::int), 12, \x270\x27))::uuid, ($text)::jsonb);\n";
  ' >"$work/ingest.sql"
  base=1000000000000
}

# User and system time of a process and its children, also those that have ended, in clock ticks.
ticks_of() { awk '{ sub(/^.*\) /, ""); print $12 + $13 + $14 + $15 }' "/proc/$1/stat" 2>/dev/null || printf '0\n'; }

database_ticks() {
  local sum=0 pid
  for pid in "$postmaster" $(cat "/proc/$postmaster/task/$postmaster/children"); do sum=$((sum + $(ticks_of "$pid"))); done
  printf '%s\n' "$sum"
}

entries() { sql -Atc 'SELECT count(*) FROM attribution.revenue_ledger' | tr -dc 0-9; }

# per_call TICKS CALLS: microseconds
per_call() { awk "BEGIN { print $1 * 1e6 / $(getconf CLK_TCK) / $2 }"; }

# A run counts only if every call booked an entry of its own.
require_booked() {
  local booked=$1 calls=$2
  ((booked >= calls)) || die "$calls calls, but only $booked ledger entries: the orders were not distinct or not taken"
}

bench_pgbench() {
  local before booked calls
  booked=$(entries) before=$(database_ticks) base=$((base + 1000000000))
  as_user "$pg_bin/pgbench" -n -M prepared -c 8 -j 2 -T "$seconds" -h "$socket" -p "$port" -U pgbench -D n=0 -D base="$base" \
    -D tenants="$1" -f "$work/ingest.sql" attribution >"$work/pgbench.out" 2>&1 ||
    die "pgbench failed: $(grep -m 3 -A 3 error "$work/pgbench.out")"
  measured_rate=$(sed -n 's/^tps = \([0-9.]*\) (without.*/\1/p' "$work/pgbench.out")
  calls=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$work/pgbench.out")
  measured_database_cpu=$(per_call $(($(database_ticks) - before)) "$calls")
  require_booked $(($(entries) - booked)) "$calls"
}

# bench_wrk TENANTS CONNECTIONS: fails when the orders did not last.
bench_wrk() {
  local database server booked line
  booked=$(entries) database=$(database_ticks) server=$(ticks_of "$server_pid")
  wrk -t2 -c"$2" -d"$seconds" -s "$project_root/tests/bench/orders.lua" "http://127.0.0.1:$http_port" -- "$orders" \
    >"$work/wrk.out" 2>&1 || {
    if grep -q '^all orders are used up' "$work/wrk.out"; then return 1; fi
    die "wrk failed: $(tail -n 5 "$work/wrk.out")"
  }
  line=$(grep '^WRK ' "$work/wrk.out")
  read -r _ calls duration broken refused <<<"$line"
  ((broken == 0 && refused == 0)) || die "wrk: $broken broken connections, $refused answers other than 2xx" \
    "the server's log: $work/server.log"
  measured_rate=$(awk "BEGIN { print $calls * 1e6 / $duration }")
  measured_server_cpu=$(per_call $(($(ticks_of "$server_pid") - server)) "$calls")
  measured_database_cpu=$(per_call $(($(database_ticks) - database)) "$calls")
  require_booked $(($(entries) - booked)) "$calls"
}

median() { tr ' ' '\n' <<<"$1" | grep . | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
