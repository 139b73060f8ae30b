#!/bin/sh
# Sets up all that `npm test`, `npm run demo` and `npm run bench` need, and nothing when it is there already:
# dependencies by the lockfile, nginx and openssl by apt when root. Usage: setup.sh [newer]
# With "newer", newer proxies are also unpacked into .proxies, for the tests, and kubectl where there is none.
set -eu
cd "$(dirname "$0")/../.."

if ! cmp -s package-lock.json node_modules/.setup-lock 2>/dev/null; then
  echo "setup: installing dependencies" >&2
  npm ci --no-audit --no-fund --loglevel error >&2
  cp package-lock.json node_modules/.setup-lock
fi

# A program, and the Debian package that has it.
wanted='nginx:nginx openssl:openssl'
[ "${1:-}" != newer ] || wanted="$wanted haproxy:haproxy apache2:apache2-bin"
# For the tests of docker/kubernetes: its kustomize must be 5 or newer, as in kubectl >= 1.27.
kubectl=''
if [ "${1:-}" = newer ] && [ ! -x .proxies/bin/kubectl ] &&
  ! kubectl version --client 2>/dev/null | grep -Eq '^Kustomize Version: v[5-9]'; then
  kubectl=missing
  wanted="$wanted unzip:unzip"
fi
missing=''
for pair in $wanted; do
  program=${pair%:*}
  command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing$missing" >&2
    apt-get update -qq >&2
    # Debian would start the service, which is not what anybody asked for.
    printf '#!/bin/sh\nexit 101\n' >/tmp/sluice-policy-$$ && chmod +x /tmp/sluice-policy-$$
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] || { mv /tmp/sluice-policy-$$ "$policy"; placed=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
    rm -f "/tmp/sluice-policy-$$"
    [ -z "${placed:-}" ] || rm -f "$policy"
  else
    echo "setup: please install:$missing" >&2
    echo "       Debian or Ubuntu: sudo apt-get install$missing;  Alpine: sudo apk add$missing;  macOS: brew install$missing" >&2
    exit 1
  fi
fi

[ "${1:-}" = newer ] || exit 0
if [ -n "$kubectl" ]; then
  echo "setup: unpacking kubectl into .proxies" >&2
  bash test/support/kubectl.sh .proxies >&2
fi
if [ ! -x .proxies/bin/nginx ] || [ ! -x .proxies/bin/haproxy ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: unpacking newer proxies into .proxies" >&2
    bash test/support/newer-proxies.sh .proxies >&2
  else
    echo "setup: no newer proxies here (needs root and apt): tests run on the installed one only" >&2
  fi
fi
