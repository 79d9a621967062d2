#!/bin/sh
# usage: install-packages.sh PACKAGE…
# Debian's packages without those that they only recommend, and without what apt keeps for later.
set -eu
# apt reads the proxy for http only from the lower-case variable.
export http_proxy="${http_proxy:-${HTTP_PROXY:-}}" DEBIAN_FRONTEND=noninteractive
apt-get update
# A build that is interrupted starts over, so dpkg need not wait for the disk after each file.
apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
apt-get clean
rm -rf /var/lib/apt/lists/*
