#!/bin/sh
# What the official image's entrypoint does of POSTGRES_USER, POSTGRES_DB and POSTGRES_PASSWORD_FILE.
set -eu
case ${1:-postgres} in -*) set -- postgres "$@" ;; esac
[ "${1:-}" = postgres ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=${POSTGRES_PASSWORD_FILE:-}
  if [ -z "$password" ]; then
    password=$(mktemp)
    printf '%s\n' "${POSTGRES_PASSWORD:?}" >"$password"
  fi
  initdb --no-sync --username="$user" --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256 "$PGDATA" >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  [ "$database" = postgres ] || echo "CREATE DATABASE \"$database\" OWNER \"$user\"" | postgres --single -j -D "$PGDATA" postgres >/dev/null
fi
exec "$@"
