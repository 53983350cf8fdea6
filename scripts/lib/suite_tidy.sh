# Sourced by test after suites.sh: clang-tidy.
# shellcheck shell=bash
# shellcheck disable=SC2154  # project_root, pg_config, build_dir come from the files sourced before

# The upstream branch's commit that this one is based on; the commit before, when there are no commits of our own.
tidy_base() {
  local base
  base=${TIDY_BASE:-$(in_checkout merge-base HEAD '@{upstream}' 2>/dev/null ||
    in_checkout merge-base HEAD origin/HEAD 2>/dev/null || true)}
  if [[ -z $base || $base == $(in_checkout rev-parse HEAD) ]]; then base=HEAD~1; fi
  in_checkout rev-parse --verify --quiet "$base^{commit}" || true
}

# C++ sources that differ from commit $1, and for each header which does, one that includes it.
changed_sources() {
  local changed file
  changed=$({ in_checkout diff --name-only --diff-filter=d "$1" && in_checkout ls-files -o --exclude-standard; } |
    grep -E '\.[ch]pp$' || true)
  for file in $changed; do
    case $file in
      *.cpp) printf '%s\n' "$file" ;;
      *.hpp)
        if [[ -f ${file%.hpp}.cpp ]]; then
          printf '%s\n' "${file%.hpp}.cpp"
        else
          in_checkout grep -lF --untracked "\"$file\"" -- '*.cpp' | head -n 1 || true
        fi
        ;;
    esac
  done | sort -u
}

# clang-tidy on what has changed; on every source in the full tier. Each file is a test case.
suite_tidy() {
  local base="" files
  cd "$project_root"
  # Quickstart leaves the tests out of the compile commands.
  build_programs ON >/dev/null
  [[ -n $ATTRIBUTION_FULL ]] || base=$(tidy_base)
  if [[ -n $base ]]; then
    files=$(changed_sources "$base")
    say "clang-tidy on $(wc -w <<<"$files") files for what differs from $base"
  else
    files=$(cpp_sources | grep '\.cpp$')
    say "clang-tidy on all $(wc -w <<<"$files") files"
  fi
  if [[ -z $files ]]; then
    check "no C++ source has changed" true
  else
    export -f tidy_one
    export build_dir
    # shellcheck disable=SC2016  # for the inner shell
    PG_INCLUDE=$("$pg_config" --includedir-server) run_counting '^ok - ' '^not ok - ' \
      xargs -n 1 -P "$(nproc)" bash -c 'tidy_one "$1"' tidy <<<"$files"
  fi
  result
}

# What is built against the server's headers is not in CMake's compile commands.
tidy_one() {
  local file=$1 output
  local command=(clang-tidy --quiet)
  case $file in
    extension/* | tests/faults/*) command+=("$file" -- -std=c++20 -Wno-register -I. -isystem "$PG_INCLUDE") ;;
    tests/fuzz/*)
      command+=("$file" -- -std=c++20 -I. -DADAPTER=stripe '-DADAPTER_HEADER="core/providers/stripe.hpp"')
      ;;
    *) command+=(-p "$build_dir" "$file") ;;
  esac
  if output=$("${command[@]}" 2>&1); then
    printf 'ok - clang-tidy %s\n' "$file"
  else
    printf '%s\nnot ok - clang-tidy %s\n' "$output" "$file"
  fi
}
