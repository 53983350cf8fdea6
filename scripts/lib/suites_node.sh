# Sourced by test after suites.sh: the suites of tests/server.
# shellcheck shell=bash
# shellcheck disable=SC2154  # project_root comes from the files sourced before

node_packages_installed() {
  [[ $project_root/tests/server/node_modules/.package-lock.json -nt $project_root/tests/server/package-lock.json ]]
}
install_node_packages() {
  (cd "$project_root/tests/server" && npm ci --no-progress)
  touch "$project_root/tests/server/node_modules/.package-lock.json"
}

# node_tests FILE...: two at a time, since they wait more than they work. One process per file, since each has a cluster and a
# server of its own. What a file says is shown as a whole when it has ended; until then it is in .run/log/node.
node_tests() {
  node_logs=$(run_dir)/log/node
  own_dir "$node_logs"
  export -f node_file count_lines
  export project_root node_logs
  # shellcheck disable=SC2016  # for the inner shell
  run_counting '^ok [0-9]' '^not ok [0-9]' xargs -n 1 -P 2 bash -c 'node_file "$1"' node < <(printf '%s\n' "$@")
}

# node_file FILE: one that fails without saying what is a failed test too.
node_file() {
  local log=$node_logs/$1.log status=0
  printf '# %s\n' "$1" >"$log"
  node --test-reporter=tap --test "$project_root/tests/server/$1" >>"$log" 2>&1 || status=$?
  if ((status != 0 && $(count_lines '^not ok [0-9]' "$log") == 0)); then
    printf '\nnot ok 0 - %s ended with status %s\n' "$1" "$status" >>"$log"
  fi
  flock "$node_logs" cat "$log"
}

# The names of the files of the suite, those first that take longest: so the last to end are short ones.
server_files() {
  local longest=(export_ends any_order paypal_client storm export_stream channels docs touchpoints report_share)
  printf '%s.test.mjs\n' "${longest[@]}"
  (cd "$project_root/tests/server" && printf '%s\n' *.test.mjs) | grep -v '^contracts' | grep -vxF "$(printf '%s.test.mjs\n' "${longest[@]}")"
}

suite_contracts() {
  local files
  mapfile -t files < <(cd "$project_root/tests/server" && printf '%s\n' contracts*.test.mjs)
  node_tests "${files[@]}"
  result
}

suite_server() {
  local files
  build_programs ON >/dev/null
  build_extension
  mapfile -t files < <(server_files)
  if [[ -n $ATTRIBUTION_FULL ]]; then
    export KILLS=10 ORDERS=5000 DELIVERIES=40000 SEQUENCES=500 ROUNDS=51 EXPORT_ROWS=2000000
  fi
  CONTRACT_SEEN=$(mktemp -d)
  export CONTRACT_SEEN
  node_tests "${files[@]}"
  say "# documented answers that no test has seen"
  run_counting '^ok - ' '^not ok - ' node "$project_root/tests/server/contracts/unseen.mjs" "$CONTRACT_SEEN"
  rm -rf "$CONTRACT_SEEN"
  result
}
