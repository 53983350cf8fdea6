# Sourced: the build of core, server and extension.
# shellcheck shell=bash

build_dir=${BUILD_DIR:-$project_root/build}
# shellcheck disable=SC2034
attributiond=$build_dir/server/attributiond

require_writable_checkout() {
  [[ -w $project_root ]] || die "$project_root is not writable for $(id -un)" \
    "run as the user who owns the checkout, or clone it again as $(id -un)"
}

# Objects lie apart by PostgreSQL version, the library does not.
drop_foreign_library() {
  local stamp=$build_dir/.extension-for
  if [[ ! -f $stamp || $(cat "$stamp") != "$("$pg_config" --version)" ]]; then
    rm -f "$project_root/pg_attribution.so"
  fi
  mkdir -p "$build_dir"
  "$pg_config" --version >"$stamp"
}

# build_extension
build_extension() {
  require_postgres
  require_writable_checkout
  drop_foreign_library
  make -s -j"$(nproc)" -C "$project_root" -f Makefile.pgxs PG_CONFIG="$pg_config"
}

# build_programs ON|OFF: core and server; with ON the unit tests too, which need GoogleTest.
build_programs() {
  require_writable_checkout
  cmake -S "$project_root" -B "$build_dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING="$1" \
    -DPG_CONFIG="$pg_config"
  cmake --build "$build_dir" -j "$(nproc)"
}
