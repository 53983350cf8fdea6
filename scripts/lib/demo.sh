# Sourced by quickstart: the demo's cluster, database and server.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2153  # some variables come from the files sourced before, and from the file "facts"

demo_currency=USD
demo_models=first_touch,linear,position_based,time_decay,last_touch
# Counts up when the tenant or the samples change: what an older version made does not fit then.
demo_version=2

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
  unset DEMO_VERSION
  # shellcheck source=/dev/null
  . "$facts"
  [[ ${DEMO_VERSION:-} == "$demo_version" ]] ||
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
  tenant=$(sql -U postgres -Atc "SELECT attribution.create_tenant(name => 'Demo shop', reporting_currency => '$demo_currency')")
  sql -U postgres -c "SELECT attribution.grant_tenant_access(role_name => 'demo_analyst', tenant_id => '$tenant')" \
    -c "SELECT attribution.define_model(tenant_id => '$tenant', name => rule, rule => rule) FROM unnest('{$demo_models}'::text[]) AS rule" >/dev/null
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
DEMO_VERSION=$demo_version
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
