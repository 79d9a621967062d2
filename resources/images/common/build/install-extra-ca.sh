#!/bin/sh
# usage: install-extra-ca.sh FOLDER
# Makes the system trust each certificate in FOLDER/*.pem. Those it trusts already are left out, so that handing over a
# machine's whole bundle adds only what is special about it.
set -eu
target=/usr/local/share/ca-certificates
bundle=/etc/ssl/certs/ca-certificates.crt
mkdir -p "$target"
[ -f "$bundle" ] || update-ca-certificates >/dev/null
for file in "$1"/*.pem; do
  [ -f "$file" ] || continue
  awk -v target="$target" '
    # The base64 lines of a certificate, with no line ends: the same for both forms of them.
    { sub(/\r$/, "") }
    /-----BEGIN CERTIFICATE-----/ { inside = 1; text = ""; body = "" }
    inside { text = text $0 "\n"; if ($0 !~ /-----/) body = body $0 }
    /-----END CERTIFICATE-----/ && inside {
      inside = 0
      if (FILENAME == ARGV[1]) known[body] = 1
      else if (!(body in known)) {
        known[body] = 1
        name = target "/extra-" ++count ".crt"
        printf "%s", text > name
        close(name)
      }
    }
    END { print "extra certificate authorities: " count + 0 }
  ' "$bundle" "$file"
done
update-ca-certificates >/dev/null
