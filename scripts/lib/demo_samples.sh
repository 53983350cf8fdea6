# Sourced by quickstart after demo.sh: what is sent to the demo's server, and what is shown of it.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2153  # variables come from the files sourced before, and from the file "facts"

# 200 invented orders of the last hours, some of them delivered twice, or first unpaid and then paid; the visits before
# most of them, the charges that paid them, and what advertising cost. A later run sends the same again, which changes
# nothing.
demo_send_samples() {
  local orders=$state/orders visits=$state/visits charges=$state/charges url=http://127.0.0.1:$1 file
  rm -rf "$orders" "$visits" "$charges"
  (umask 077 && printf '%s %s demo-shop.myshopify.com\n' "$SHOPIFY_ENDPOINT" "$SHOPIFY_SECRET" >"$state/endpoints")
  "$project_root/scripts/samples/make-shopify-orders" --endpoints "$state/endpoints" --count 200 --out "$orders" \
    --until "$ORDERS_UNTIL" --url "$url" --journeys
  "$project_root/scripts/samples/make-visits" --orders "$orders" --out "$visits"
  for file in "$visits"/*.json; do
    demo_tell visits "$url/api/ingest" application/json "$file"
  done
  demo_post orders "$orders/curl.config"
  (umask 077 && printf '%s %s\n' "$STRIPE_ENDPOINT" "$STRIPE_SECRET" >"$state/endpoints")
  "$project_root/scripts/samples/make-stripe-charges" --endpoint "$state/endpoints" --orders "$orders" --out "$charges" \
    --url "$url"
  rm -f "$state/endpoints"
  demo_post charges "$charges/curl.config"
  demo_spend >"$state/spend.csv"
  demo_tell "ad spend" "$url/api/attribution/spend" text/csv "$state/spend.csv"
}

demo_spend() {
  local day
  day=$(date -u -d "@$ORDERS_UNTIL" +%F)
  cat <<END
day,channel,campaign,currency,spend,impressions,clicks
$day,paid_search,brand,$demo_currency,640.00,18200,905
$day,paid_search,generic,$demo_currency,380.50,22410,611
$day,paid_social,autumn,$demo_currency,1275.20,96400,1380
$day,paid_video,how-to,$demo_currency,410.75,31800,240
$day,affiliates,,$demo_currency,185.00,,
$day,email,november,$demo_currency,60.00,4100,
END
}

# demo_tell WHAT URL CONTENT-TYPE FILE: with the API key, from a file, since arguments can be read by every user of the
# machine. Each item has a result of its own.
demo_tell() {
  local answer
  answer=$(curl -sS --max-time 60 -H @<(printf 'X-API-Key: %s\n' "$API_KEY") -H "Content-Type: $3" --data-binary "@$4" "$2")
  perl -MJSON::PP -e '
    my $answer  = decode_json(join "", <STDIN>);
    my @results = @{ $answer->{results} // [] };
    my @refused = grep { $_->{status} !~ /^(?:created|duplicate|changed|unchanged)$/ } @results;
    exit if @results && !@refused;
    print STDERR encode_json($refused[0] // $answer), "\n";
    exit 1;
  ' <<<"$answer" || die "not all $1 was taken" "the server's log: $state/server.log"
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

# Divides what was sent, by all models.
demo_attribute() {
  local items=1
  while ((items > 0)); do
    items=$(sql -U postgres -At -c 'SET ROLE attribution_maintainer' -c 'SELECT attribution.allocate_pending()')
  done
}

demo_show() {
  say "" && say "Revenue in $demo_currency by channel and model, and by each sale's own channel, as the analyst of the demo tenant:"
  sql -U "$ANALYST_USER" -P pager=off -P footer=off <<END
    SELECT coalesce(channel, 'total') AS channel, column_name, (sum(amount_minor) / 100)::numeric(20, 2) AS amount,
           array_position('{$demo_models}', column_name) AS position
      FROM (SELECT channel, model AS column_name, amount_minor
              FROM attribution.current_allocations WHERE currency = '$demo_currency'
            UNION ALL
            SELECT channel, 'own channel', amount_minor
              FROM attribution.realtime_revenue WHERE currency = '$demo_currency') AS divided
     GROUP BY GROUPING SETS ((channel, column_name), (column_name))
     ORDER BY grouping(channel), sum(sum(amount_minor)) OVER (PARTITION BY channel) DESC, channel
    \\crosstabview channel column_name amount position
END
  say "What advertising brought back, by position_based:"
  sql -U "$ANALYST_USER" -P pager=off -P footer=off -c "
    SELECT channel, (revenue_minor / 100.0)::numeric(20, 2) AS revenue, (spend_minor / 100.0)::numeric(20, 2) AS spend,
           roas, (cpa_minor / 100)::numeric(20, 2) AS cost_per_sale
      FROM attribution.channel_returns('position_based')
     WHERE currency = '$demo_currency' AND spend_minor > 0"
  say "What Stripe tells of the same sales is evidence, linked by the order's id and not booked again:"
  sql -U "$ANALYST_USER" -P pager=off -P footer=off -c "
    SELECT source, topic, currency, count(*) AS events, count(*) FILTER (WHERE linked) AS linked,
           sum(amount_minor) AS amount_minor
      FROM attribution.evidence
     GROUP BY source, topic, currency
     ORDER BY currency"
  demo_show_rest "$1"
}

demo_show_rest() {
  local since
  # Ranges are taken in quarter hours.
  since=$(date -u -d "@$(((ORDERS_UNTIL - 6 * 3600) / 900 * 900))" +%Y-%m-%dT%H:%M:%SZ)
  say "All currencies by REST, GET /api/attribution/revenue/realtime?from=$since:"
  # From a file: arguments can be read by every user of the machine.
  curl -sS --fail-with-body -H @<(printf 'Authorization: Bearer %s\n' "$API_KEY") \
    "http://127.0.0.1:$1/api/attribution/revenue/realtime?from=$since" | perl -MJSON::PP -e '
      my $answer = decode_json(join "", <STDIN>);
      printf "  total %-4s %14s  %4d entries\n", @$_{qw(currency amount entries)} for @{ $answer->{total_revenue} };
  '
}

demo_next_steps() {
  cat <<END

Look next:
  source ${1@Q}
  curl http://127.0.0.1:$2/api/health
  http://127.0.0.1:$2/docs in a browser                                            (every request, with examples)
  curl -H "Authorization: Bearer \$API_KEY" "\$ATTRIBUTION_URL/api/attribution/revenue/realtime"
  curl -H "Authorization: Bearer \$API_KEY" "\$ATTRIBUTION_URL/api/attribution/channels?model=position_based&granularity=week"
  psql -U "\$ANALYST_USER" -c 'SELECT * FROM attribution.realtime_revenue LIMIT 10'   (a BI login: this tenant only)
  psql -U "\$ANALYST_USER" -c "SELECT * FROM attribution.compare_models('{linear,last_touch}')"
  psql -U "\$ANALYST_USER" -c "SELECT * FROM attribution.channel_returns('time_decay')"
  psql -c 'SELECT * FROM attribution.channel_taxonomy'                               (the superuser)
  logs: $state/server.log and $data.log
END
}
