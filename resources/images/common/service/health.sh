#!/bin/bash
# usage: health.sh PORT PATH
# For HEALTHCHECK: 0 when http://127.0.0.1:PORT PATH answers 2xx within 4 s. bash alone: to start Node for it takes more than
# a service uses between two checks.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
read -r -t 4 _ code _ <&3
[[ $code == 2?? ]] || { echo "$2 answers $code" >&2; exit 1; }
