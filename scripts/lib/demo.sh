# Sourced by quickstart: the demo's cluster, database, server and sample orders.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2153  # some variables come from the files sourced before, and from the file "facts"

# demo_paths DIR: names everything that lies under it. Only what lies in $users can be changed by the server's user.
demo_paths() {
  local users
  state=$(work_dir quickstart "$1/quickstart") users=$state/users
  users_dir "$users"
  tree=$(place tree "$1/tree")
  pg_bin=$tree$("$pg_config" --bindir)
  data=$users/data
  socket=$(socket_dir "$users")
  server_binary=$state/attributiond
  facts=$state/facts
}

sql() {
  as_user "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$socket" -p "$pg_port" -d attribution "$@"
}

demo_start_cluster() {
  local version
  version=$(as_user cat "$data/PG_VERSION" 2>/dev/null || true)
  if [[ -z $version ]]; then
    cluster_init "$data"
  elif [[ $version != $("$pg_config" --version | grep -oE '[0-9]+' | head -n 1) ]]; then
    die "$data belongs to PostgreSQL $version" "remove it, or choose another directory with --dir"
  fi
  pg_port=$(free_port 54300)
  cluster_start "$data" "$socket" "$pg_port"
}

# Everything here may have been done by an earlier run.
demo_create() {
  if [[ -z $(sql -d postgres -U postgres -Atc "SELECT 1 FROM pg_database WHERE datname = 'attribution'") ]]; then
    sql -d postgres -U postgres -c 'CREATE DATABASE attribution'
  fi
  sql -U postgres -c 'SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS pg_attribution' \
    -c 'SELECT FROM attribution.migrate()' 2>&1 >/dev/null | { grep -vE '^(INFO|HINT):' >&2 || true; }
  [[ -f $facts ]] || demo_create_tenant
  # shellcheck source=/dev/null
  . "$facts"
  [[ -n ${PAYPAL_ENDPOINT:-} ]] ||
    die "$facts was made by an older version" "remove $(dirname "$facts"), or choose another directory with --dir"
}

demo_create_tenant() {
  local key=$state/secret-key tenant shopify_endpoint shopify_secret stripe_endpoint stripe_secret woo_endpoint woo_secret paypal_endpoint paypal_secret api_key analyst_password
  install -m 755 "$attributiond" "$server_binary"
  rm -f "$key"
  (umask 077 && as_user "$server_binary" keygen >"$key")
  give_to_user "$key"
  analyst_password=$(random_hex 16)
  # The login of the server gets no right of its own: it switches to a service's role per transaction.
  sql -U postgres <<END
DO \$\$
BEGIN
    IF to_regrole('attributiond') IS NULL THEN CREATE ROLE attributiond LOGIN NOINHERIT; END IF;
    IF to_regrole('demo_analyst') IS NULL THEN CREATE ROLE demo_analyst LOGIN; END IF;
END \$\$;
GRANT attribution_server TO attributiond;
ALTER ROLE demo_analyst PASSWORD '$analyst_password';
END
  tenant=$(sql -U postgres -Atc "SELECT attribution.create_tenant(name => 'Demo shop', time_zone => 'UTC')")
  sql -U postgres -c "SELECT attribution.grant_tenant_access(role_name => 'demo_analyst', tenant_id => '$tenant')" >/dev/null
  shopify_secret=shpss_$(random_hex 16)
  shopify_endpoint=$(printf '%s' "$shopify_secret" | demo_admin endpoint create --tenant "$tenant" --provider shopify \
    --account demo-shop.myshopify.com --secret-file -)
  woo_secret=$(random_hex 25)
  woo_endpoint=$(printf '%s' "$woo_secret" | demo_admin endpoint create --tenant "$tenant" --provider woocommerce \
    --account https://demo-shop.example.com/ --secret-file -)
  # Beside a shop, a payment provider gives evidence and books nothing.
  stripe_secret=whsec_$(random_hex 16)
  stripe_endpoint=$(printf '%s' "$stripe_secret" | demo_admin endpoint create --tenant "$tenant" --provider stripe \
    --account acct_1demo --secret-file -)
  # Nobody but PayPal can sign as PayPal: deliveries come here as from a relay, signed with HMAC.
  paypal_secret=relay_$(random_hex 16)
  paypal_endpoint=$(printf '%s' "$paypal_secret" | demo_admin endpoint create --tenant "$tenant" --provider paypal \
    --account demo-shop --signature hmac --secret-file -)
  api_key=$(demo_admin key create --tenant "$tenant" --name quickstart)
  # The file is sourced.
  [[ "$tenant $shopify_endpoint $stripe_endpoint $woo_endpoint $paypal_endpoint $api_key" =~ ^[[:alnum:]_\ .-]+$ ]] ||
    die "the tenant's id, an endpoint or the API key is not plain text"
  (umask 077 && cat >"$facts" <<END
TENANT_ID=$tenant
API_KEY=$api_key
SHOPIFY_ENDPOINT=$shopify_endpoint
SHOPIFY_SECRET=$shopify_secret
STRIPE_ENDPOINT=$stripe_endpoint
STRIPE_SECRET=$stripe_secret
PAYPAL_ENDPOINT=$paypal_endpoint
PAYPAL_SECRET=$paypal_secret
WOOCOMMERCE_ENDPOINT=$woo_endpoint
WOOCOMMERCE_SECRET=$woo_secret
ANALYST_USER=demo_analyst
ANALYST_PASSWORD=$analyst_password
ORDERS_UNTIL=$(date +%s)
END
  )
}

# The server's own subcommands, as the database's superuser.
demo_admin() {
  as_user "$server_binary" "$@" --secret-key-file "$state/secret-key" \
    --database "host=$socket port=$pg_port user=postgres dbname=attribution"
}

demo_start_server() {
  local tries=0
  install -m 755 "$attributiond" "$server_binary"
  (exec_as_user setsid "$server_binary" serve --listen 127.0.0.1 --port "$1" --secret-key-file "$state/secret-key" \
    --database "host=$socket port=$pg_port user=attributiond dbname=attribution") \
    >>"$state/server.log" 2>&1 </dev/null &
  printf '%s\n' $! >"$state/server.pid"
  until curl -sf -o /dev/null "http://127.0.0.1:$1/api/health"; do
    tries=$((tries + 1))
    # Not demo_server_running: the process may still be on its way to this binary.
    if ! kill -0 "$(cat "$state/server.pid")" 2>/dev/null || ((tries > 100)); then
      warn "the end of $state/server.log:"
      tail -n 20 "$state/server.log" >&2
      kill "$(cat "$state/server.pid")" 2>/dev/null || true
      die "the server did not start"
    fi
    sleep 0.2
  done
}

# The number in the file is ours only while it runs this binary.
demo_server_running() {
  [[ -f $state/server.pid ]] || return 1
  local executable
  executable=$(readlink "/proc/$(cat "$state/server.pid")/exe" 2>/dev/null) || return 1
  [[ ${executable% (deleted)} == "$server_binary" ]]
}

demo_stop() {
  local waited=0
  if demo_server_running; then
    kill -TERM "$(cat "$state/server.pid")"
    # It finishes what is in flight, for up to 30 s.
    while demo_server_running && ((waited < 350)); do
      sleep 0.1
      waited=$((waited + 1))
    done
    if demo_server_running; then kill -KILL "$(cat "$state/server.pid")"; fi
  fi
  rm -f "$state/server.pid"
  cluster_stop "$data"
}

demo_write_env() {
  (umask 077 && cat >"$1.new" <<END
export PGHOST='$socket'
export PGPORT='$pg_port'
export PGDATABASE='attribution'
export PGUSER='postgres'
export ATTRIBUTION_URL='http://127.0.0.1:$2'
export TENANT_ID='$TENANT_ID'
export API_KEY='$API_KEY'
export SHOPIFY_ENDPOINT='$SHOPIFY_ENDPOINT'
export SHOPIFY_SECRET='$SHOPIFY_SECRET'
export STRIPE_ENDPOINT='$STRIPE_ENDPOINT'
export STRIPE_SECRET='$STRIPE_SECRET'
export PAYPAL_ENDPOINT='$PAYPAL_ENDPOINT'
export PAYPAL_SECRET='$PAYPAL_SECRET'
export WOOCOMMERCE_ENDPOINT='$WOOCOMMERCE_ENDPOINT'
export WOOCOMMERCE_SECRET='$WOOCOMMERCE_SECRET'
export ANALYST_USER='$ANALYST_USER'
export ANALYST_PASSWORD='$ANALYST_PASSWORD'
END
  )
  mv "$1.new" "$1"
}

# 200 invented orders of the last hours, some of them delivered twice, or first unpaid and then paid; and the charges
# that paid them. A later run sends the same deliveries again, which changes nothing.
demo_send_samples() {
  local orders=$state/orders charges=$state/charges url=http://127.0.0.1:$1
  rm -rf "$orders" "$charges"
  (umask 077 && printf '%s %s demo-shop.myshopify.com\n' "$SHOPIFY_ENDPOINT" "$SHOPIFY_SECRET" >"$state/endpoints")
  "$project_root/scripts/samples/make-shopify-orders" --endpoints "$state/endpoints" --count 200 --out "$orders" \
    --until "$ORDERS_UNTIL" --url "$url"
  demo_post orders "$orders/curl.config"
  (umask 077 && printf '%s %s\n' "$STRIPE_ENDPOINT" "$STRIPE_SECRET" >"$state/endpoints")
  "$project_root/scripts/samples/make-stripe-charges" --endpoint "$state/endpoints" --orders "$orders" --out "$charges" \
    --url "$url"
  rm -f "$state/endpoints"
  demo_post charges "$charges/curl.config"
}

# demo_post WHAT CURL-CONFIG
demo_post() {
  local answers
  answers=$(curl --parallel --parallel-max 8 --config "$2" | sort | uniq -c)
  if [[ $(awk '$2 != 200' <<<"$answers") ]]; then
    warn "answers (number, HTTP status):" && warn "$answers"
    die "not all $1 were taken" "the server's log: $state/server.log"
  fi
}

demo_show() {
  local since
  # Ranges are taken in quarter hours.
  since=$(date -u -d "@$(((ORDERS_UNTIL - 6 * 3600) / 900 * 900))" +%Y-%m-%dT%H:%M:%SZ)
  say "" && say "Revenue by channel, by SQL, as the analyst of the demo tenant:"
  sql -U "$ANALYST_USER" -P pager=off -c "
    SELECT channel, currency, sum(entries) AS entries, sum(amount_minor) AS amount_minor
      FROM attribution.realtime_revenue
     GROUP BY channel, currency
     ORDER BY currency, amount_minor DESC"
  say "What Stripe tells of the same sales is evidence, linked by the order's id and not booked again:"
  sql -U "$ANALYST_USER" -P pager=off -c "
    SELECT source, topic, currency, count(*) AS events, count(*) FILTER (WHERE linked) AS linked,
           sum(amount_minor) AS amount_minor
      FROM attribution.evidence
     GROUP BY source, topic, currency
     ORDER BY currency"
  say "The revenue by REST, GET /api/attribution/revenue/realtime?from=$since:"
  # From a file: arguments can be read by every user of the machine.
  curl -sS --fail-with-body -H @<(printf 'Authorization: Bearer %s\n' "$API_KEY") \
    "http://127.0.0.1:$1/api/attribution/revenue/realtime?from=$since" | perl -MJSON::PP -e '
      my $answer = decode_json(join "", <STDIN>);
      printf "  %-22s %-4s %14s  %4d entries\n", @$_{qw(channel currency amount entries)} for @{ $answer->{channels} };
      printf "  %-22s %-4s %14s  %4d entries\n", "total", @$_{qw(currency amount entries)} for @{ $answer->{total_revenue} };
  '
}

demo_next_steps() {
  cat <<END

Look next:
  source ${1@Q}
  curl http://127.0.0.1:$2/api/health
  curl -H "Authorization: Bearer \$API_KEY" "\$ATTRIBUTION_URL/api/attribution/revenue/realtime"
  psql -U "\$ANALYST_USER" -c 'SELECT * FROM attribution.realtime_revenue LIMIT 10'   (a BI login: this tenant only)
  psql -c 'SELECT * FROM attribution.channel_taxonomy'                               (the superuser)
  logs: $state/server.log and $data.log
END
}
