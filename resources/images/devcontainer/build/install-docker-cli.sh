#!/bin/sh
# usage: install-docker-cli.sh FILE
# Only the docker client, as FILE. Debian 12 has it inside docker.io alone (the engine, 150 MB, and an API too old for
# engines from 29 on); Debian 13 has it as a package of its own, which runs on Debian 12 (it needs libc 2.34).
# It is fetched with an apt configuration of its own, checked against Debian's signatures, and unpacked, so that no
# package of the other release gets into this one. FILE is left out where the mirror has no Debian 13.
set -eu
work=$(mktemp -d)
mkdir -p "$work/etc/apt.conf.d" "$work/etc/preferences.d" "$work/state/lists/partial" "$work/cache/archives/partial"
cp -r /etc/apt/apt.conf.d/. "$work/etc/apt.conf.d/"
# The mirror that this system itself uses.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -1 | tr -d ' ')
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] ${mirror:-http://deb.debian.org/debian} trixie main" >"$work/etc/sources.list"
set -- "$1" -o "Dir::Etc=$work/etc" -o "Dir::State=$work/state" -o "Dir::Cache=$work/cache" -o Dir::State::status=/dev/null
target=$1
shift
if apt-get "$@" update && (cd "$work" && apt-get "$@" download docker-cli); then
  dpkg -x "$work"/docker-cli_*.deb "$work/root"
  install -m 0755 "$work/root/usr/bin/docker" "$target"
  "$target" --version
else
  echo 'the docker client cannot be had from this mirror; the image goes without it' >&2
fi
rm -rf "$work"
