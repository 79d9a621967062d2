#!/bin/sh
# The official image's: options alone are redis-server's, which never runs as root. It listens beyond loopback.
set -eu
case ${1:-redis-server} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown redis:redis .
  exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi
# Where no file of settings is named; the official image is built with this as its default.
case ${2:---} in
  --*) [ "$1" = redis-server ] && { shift; set -- redis-server --protected-mode no "$@"; } ;;
esac
exec "$@"
