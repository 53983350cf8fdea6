#!/bin/sh
# shellcheck disable=SC2016 # dollar quotes of SQL
# build_script.sh SQL_FILE... -- MIGRATION_FILE...
# Prints the extension script: the SQL files in the given order. The line "--@migrations" becomes the rows of
# attribution_internal.migrations(), one per migration file NNNN_name.sql.
set -eu

sql_files=
while [ "$1" != "--" ]; do sql_files="$sql_files $1"; shift; done
shift

migration_rows() {
    comma=" "
    for file in "$@"; do
        base=$(basename "$file" .sql)
        version=$(printf '%s' "${base%%_*}" | sed 's/^0*//')
        if grep -q '\$migration_text\$' "$file"; then
            echo "$file: contains the delimiter of its own quotation" >&2
            exit 1
        fi
        printf '%s (%s, %s, $migration_text$\n' "$comma" "$version" "'${base#*_}'"
        cat "$file"
        printf '$migration_text$)\n'
        comma=","
    done
}

printf '%s\n%s\n' '-- Generated from extension/sql and extension/migrations.' \
    '\echo Use "CREATE EXTENSION pg_attribution" to load this file. \quit'
for file in $sql_files; do
    printf '\n-- %s\n' "$file"
    while IFS= read -r line || [ -n "$line" ]; do
        if [ "$line" = "--@migrations" ]; then migration_rows "$@"; else printf '%s\n' "$line"; fi
    done <"$file"
done
