#!/bin/sh
# usage: install-service.sh   in the folder with package.json and package-lock.json
# For the build stage of a service's image: the certificates of /tmp/extra-ca, Node as /usr/local/bin/node, and the packages
# that the lock names, of which no install script runs. NPM_REGISTRY may name a mirror.
set -eu
here=$(dirname "$(readlink -f "$0")")
export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt NODE_USE_ENV_PROXY=1
"$here/install-extra-ca.sh" /tmp/extra-ca
"$here/install-node.sh" /opt/node
PATH=/opt/node/bin:$PATH npm ci --omit=dev --ignore-scripts --no-audit --no-fund --registry="$NPM_REGISTRY"
find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete
mv /opt/node/bin/node /usr/local/bin/node
