# Sourced by test: one function per suite. Each ends with "RESULT passed failed", counted in test cases.
# shellcheck shell=bash
# shellcheck disable=SC2154  # project_root, pg_bin, pg_config, build_dir come from the files sourced before

suite_order=(lint build tidy unit sanitize pii fuzz regress isolation privileges faults maintenance upgrade contracts server bench)
full_only=(sanitize)
# Seconds that a suite may take; in the full tier ten times as much.
declare -A suite_limits=([lint]=60 [build]=900 [tidy]=600 [unit]=600 [pii]=180 [fuzz]=600 [sanitize]=1200 [regress]=180 [isolation]=180 [privileges]=120
  [faults]=300 [maintenance]=300 [upgrade]=180 [contracts]=120 [server]=1500 [bench]=600)

suite_limit() {
  if [[ -n $ATTRIBUTION_FULL ]]; then
    printf '%s\n' $((suite_limits[$1] * 10))
  else
    printf '%s\n' "${suite_limits[$1]}"
  fi
}

in_checkout() { git -c safe.directory="$project_root" -C "$project_root" "$@"; }

# check NAME COMMAND...: one test case.
checks_passed=0 checks_failed=0
check() {
  local name=$1
  shift
  if "$@"; then
    printf 'ok - %s\n' "$name"
    checks_passed=$((checks_passed + 1))
  else
    printf 'not ok - %s\n' "$name"
    checks_failed=$((checks_failed + 1))
  fi
}
result() { printf 'RESULT %d %d\n' "${1:-$checks_passed}" "${2:-$checks_failed}"; }

# count_lines PATTERN FILE
count_lines() { grep -cE "$1" "$2" || true; }

# run_counting GOOD-PATTERN BAD-PATTERN COMMAND...: shows the output and adds its lines to the counts.
run_counting() {
  local good=$1 bad=$2 output status=0 bad_lines
  shift 2
  output=$(mktemp)
  "$@" 2>&1 | tee "$output" || status=$?
  bad_lines=$(count_lines "$bad" "$output")
  checks_passed=$((checks_passed + $(count_lines "$good" "$output")))
  if ((status != 0 && bad_lines == 0)); then bad_lines=1; fi
  checks_failed=$((checks_failed + bad_lines))
  rm -f "$output"
}

cpp_sources() { in_checkout ls-files -co --exclude-standard '*.cpp' '*.hpp'; }

shell_scripts() {
  in_checkout grep -lE --untracked '^#!.*bash' -- . | sort
}

suite_lint() {
  cd "$project_root"
  if [[ $(clang-format --version) == *"version 14."* ]]; then
    check "clang-format" check_format
  else
    say "clang-format is not version 14, whose layout the sources have: not checked"
  fi
  check "shellcheck" check_shell
  check "no placeholder left in the sources" check_placeholders
  result
}

check_format() { cpp_sources | xargs clang-format --dry-run -Werror; }
check_shell() { shell_scripts | xargs shellcheck -a -x; }
check_placeholders() { ! in_checkout grep -nE --untracked '\b(TO''DO|FIX''ME)\b' -- . ':!*.json'; }

suite_build() {
  check "core, server and unit tests build" build_programs ON
  check "the extension builds for $("$pg_config" --version)" build_extension
  result
}

suite_unit() {
  if [[ -n $ATTRIBUTION_FULL ]]; then export SPLITS=10000000; fi
  build_programs ON >/dev/null
  count_unit_tests "$build_dir"
}

# The same under AddressSanitizer and UndefinedBehaviorSanitizer.
suite_sanitize() {
  (cd "$project_root" && cmake --preset sanitize && cmake --build --preset sanitize -j "$(nproc)" \
    --target core_tests server_tests)
  UBSAN_OPTIONS=print_stacktrace=1 count_unit_tests "$project_root/build/sanitize"
}

# count_unit_tests BUILD
count_unit_tests() {
  local report=$1/unit.xml tests failures
  rm -f "$report"
  ctest --test-dir "$1" --output-on-failure --output-junit "$report" -j "$(nproc)" || true
  # <testsuite name=… tests="N" failures="N" disabled="N" skipped="N" …>: what was skipped was not tested.
  tests=$(grep -oE -m1 'tests="[0-9]+"' "$report" | tr -dc 0-9)
  failures=$(grep -oE -m1 'failures="[0-9]+"' "$report" | tr -dc 0-9)
  result $((tests - failures)) "$failures"
}

# The labelled corpus; in the full tier with many seeds.
suite_pii() {
  local arguments=()
  build_programs ON >/dev/null
  build_extension
  if [[ -n $ATTRIBUTION_FULL ]]; then arguments=(--bodies 100000); fi
  if [[ -n ${SEED:-} ]]; then arguments+=(--seed "$SEED"); fi
  run_counting '^ok\b' '^not ok\b' "$project_root/tests/pii/run" "${arguments[@]}"
  result
}

# Every fuzz target from its corpus: seconds each, in the full tier ten minutes.
suite_fuzz() {
  if ! command -v clang++ >/dev/null; then
    say "clang++ is missing, which the fuzz targets need"
    check "clang++ is installed" false
    result
    return
  fi
  (cd "$project_root" && cmake --preset fuzz && cmake --build --preset fuzz -j "$(nproc)")
  if [[ -n $ATTRIBUTION_FULL ]]; then export FUZZ_SECONDS=${FUZZ_SECONDS:-600}; fi
  run_counting '^ok - ' '^not ok - ' "$project_root/tests/fuzz/run"
  result
}

# pg_regress_on PROGRAM NAME INPUT TESTS...: on a cluster of its own. Input is copied, since the server's user may not
# reach the checkout.
pg_regress_on() {
  local program=$1 name=$2 input=$3 output
  shift 3
  build_extension
  test_cluster "test-$name" 54400 fsync=off
  output=$users/output
  as_user mkdir "$output"
  mkdir "$work/input"
  cp -r "$input/." "$work/input/"
  chmod -R a+rX "$work/input"
  run_counting '^ *(ok [0-9]|test .* \.\.\. ok)' '^ *(not ok [0-9]|test .* \.\.\. FAILED)' \
    as_user env --chdir="$output" LC_MESSAGES=C "$("$pg_config" --pkglibdir)/pgxs/src/test/$program" --bindir="$pg_bin" \
    --inputdir="$work/input" --outputdir="$output" --host="$socket" --port="$port" --user=postgres \
    --dbname=contrib_regression "$@"
  as_user head -n 400 "$output/regression.diffs" 2>/dev/null || true
  cluster_stop "$data" immediate
}

suite_regress() {
  local input tests
  if [[ -n $ATTRIBUTION_FULL ]]; then export STATEMENTS=20000 STEPS=600; fi
  input=$(mktemp -d)
  cp -r "$project_root/sql" "$project_root/expected" "$input/"
  read -ra tests < <(make -s -C "$project_root" -f Makefile.pgxs print-REGRESS PG_CONFIG="$pg_config")
  pg_regress_on regress/pg_regress regress "$input" "${tests[@]}"
  rm -rf "$input"
  result
}

suite_isolation() {
  local tests
  mapfile -t tests < <(cd "$project_root/tests/isolation/specs" && printf '%s\n' *.spec | sed 's/\.spec$//')
  pg_regress_on isolation/pg_isolation_regress isolation "$project_root/tests/isolation" "${tests[@]}"
  result
}

# Suites that are programs of their own print one line "ok …" or "not ok …" per case.
suite_privileges() {
  run_counting '^ok\b' '^not ok\b' "$project_root/tests/privileges/run"
  result
}

suite_faults() {
  run_counting '^ok\b' '^not ok\b' "$project_root/tests/faults/run"
  result
}

suite_maintenance() {
  run_counting '^ok\b' '^not ok\b' "$project_root/tests/maintenance/run"
  result
}

suite_upgrade() {
  run_counting '^ok\b' '^not ok\b' "$project_root/tests/upgrade/run"
  result
}

suite_bench() {
  build_programs ON >/dev/null
  build_extension
  if [[ -n $ATTRIBUTION_FULL ]]; then
    check "tests/bench/ingest" "$project_root/tests/bench/ingest"
    check "tests/bench/guard" "$project_root/tests/bench/guard"
    check "tests/bench/sum_equality" "$project_root/tests/bench/sum_equality"
    check "tests/bench/attribution" "$project_root/tests/bench/attribution"
    check "tests/bench/reports" "$project_root/tests/bench/reports" --sizes "1000000 5000000 10000000"
    check "tests/bench/export" "$project_root/tests/bench/export"
  else
    check "tests/bench/ingest, small" "$project_root/tests/bench/ingest" --smoke
    check "tests/bench/guard, small" "$project_root/tests/bench/guard" --smoke
    check "tests/bench/sum_equality, small" "$project_root/tests/bench/sum_equality" --smoke
    check "tests/bench/attribution, small" "$project_root/tests/bench/attribution" --smoke
    check "tests/bench/reports, small" "$project_root/tests/bench/reports" --smoke
    check "tests/bench/export, small" "$project_root/tests/bench/export" --smoke
  fi
  result
}
