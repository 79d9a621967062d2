#!/bin/sh
# What git asks for https: the user, where the address names none, and the password, which is the deploy key's file. Git asks for
# whatever host it was sent to ("Password for 'https://git@host:8443': "); the key is the repository's own host's alone.
# From the end: a user, which may hold anything, stands before the host.
asked=${1#*://}
asked=${asked%\'*}
asked=${asked##*@}
asked=$(printf %s "${asked%%/*}" | tr '[:upper:]' '[:lower:]')
[ "${asked%:443}" = "$CONFIG_SYNC_PASSWORD_HOST" ] || exit 1
case $1 in
  Username*) echo git ;;
  *) exec cat -- "$CONFIG_SYNC_PASSWORD_FILE" ;;
esac
