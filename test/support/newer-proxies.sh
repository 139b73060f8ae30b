#!/usr/bin/env bash
# Unpacks nginx and HAProxy of another Debian suite (sid by default) with the libc and loader that they need, and writes
# wrappers:  newer-proxies.sh DIR [SUITE]  →  DIR/bin/nginx, DIR/bin/haproxy
# Nothing is installed into the system. The mirror is the one that apt already uses here. Needs apt and dpkg.
set -euo pipefail
dir=$(mkdir -p "$1" && cd "$1" && pwd)
suite=${2:-sid}
mirror=$(grep -hsE '^URIs:' /etc/apt/sources.list.d/*.sources | awk 'NR==1{print $2}' || true)
[ -n "$mirror" ] || mirror=$(grep -hsE '^deb ' /etc/apt/sources.list | awk 'NR==1{print $2}' || true)
[ -n "$mirror" ] || { echo "no Debian mirror is configured for apt" >&2; exit 2; }

mkdir -p "$dir"/apt/{lists/partial,cache/archives/partial} "$dir/debs" "$dir/root" "$dir/bin"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$dir/apt/sources.list"
options=(-oDir::State::Lists="$dir/apt/lists" -oDir::Etc::SourceList="$dir/apt/sources.list" -oDir::Etc::SourceParts=/dev/null
  -oDir::Cache="$dir/apt/cache" -oDir::State::Status=/dev/null -oAPT::Sandbox::User=root)
apt-get "${options[@]}" -qq update

# With an empty package status, every dependency is listed, down to libc.
needed='^(nginx|libnginx-mod-stream|haproxy|libc6|libcrypt1|libssl3.*|libpcre2-8-0|zlib1g|libjemalloc2|liblua5\.4-0|libopentracing.*|libzstd1|libgcc-s1|libstdc\+\+6|libcap2|libsystemd0)$'
packages=$(apt-get "${options[@]}" install --simulate --no-install-recommends nginx libnginx-mod-stream haproxy 2>/dev/null |
  awk '$1=="Inst"{print $2}' | grep -E "$needed" | sort -u)
(cd "$dir/debs" && rm -f ./*.deb && apt-get "${options[@]}" -qq download $packages)
for deb in "$dir"/debs/*.deb; do dpkg -x "$deb" "$dir/root"; done

arch=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
loader=$(find "$dir/root" -name 'ld-linux*.so*' \( -type f -o -type l \) | sed -n 1p)
for program in haproxy nginx; do
  cat >"$dir/bin/$program" <<WRAPPER
#!/bin/sh
exec "$loader" --library-path "$dir/root/usr/lib/$arch" --argv0 "$dir/bin/$program" "$dir/root/usr/sbin/$program" "\$@"
WRAPPER
  chmod +x "$dir/bin/$program"
done
rm -rf "$dir/debs" "$dir/apt"
"$dir/bin/nginx" -v
"$dir/bin/haproxy" -v | sed -n 1p
