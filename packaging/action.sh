#!/usr/bin/env bash
# The step of action.yml: it downloads a release, checks it, starts the server, and gives its
# address and token to the next steps.
set -euo pipefail

releases=${RELEASES:-https://github.com/redis-rest/redis-rest-go/releases}
case ${VERSION:-} in
v[0-9]*.[0-9]*.[0-9]*) from=$releases/download/$VERSION ;;
*) from=$releases/latest/download ;;
esac

case $RUNNER_OS in
Linux) os=linux archive=tar.gz ;;
macOS) os=darwin archive=tar.gz ;;
Windows) os=windows archive=zip ;;
*) echo "::error::there is no release for $RUNNER_OS" && exit 1 ;;
esac
case $RUNNER_ARCH in
X64) arch=amd64 ;;
ARM64) arch=arm64 ;;
*) echo "::error::there is no release for $RUNNER_ARCH" && exit 1 ;;
esac

dir=$RUNNER_TEMP/redis-rest
mkdir -p "$dir"
cd "$dir"
file=redis-rest_${os}_$arch.$archive
curl --fail --silent --show-error --location --retry 3 --remote-name "$from/$file" --remote-name "$from/checksums.txt"
sum=$(sha256sum "$file" 2>/dev/null || shasum -a 256 "$file")
if ! grep -qx "${sum%% *}  $file" checksums.txt; then
  echo "::error::$file is not the file of the release"
  exit 1
fi
case $archive in
zip) unzip -qo "$file" ;;
*) tar -xzf "$file" ;;
esac
echo "$dir" >>"$GITHUB_PATH"

set -f # the flags are words, not patterns
# shellcheck disable=SC2086
nohup ./redis-rest serve --env-file env ${ARGS:-} >log 2>&1 </dev/null &
server=$!
echo $server >pid
for ((i = 0; ; i++)); do
  [ ! -s env ] || break
  if ! kill -0 $server 2>/dev/null || ((i == 300)); then
    kill $server 2>/dev/null || true
    grep -v ' read-only: ' log || true # that line has a token
    echo "::error::the server did not start"
    exit 1
  fi
  sleep 0.1
done
sed -n 's/^[A-Z_]*_TOKEN=/::add-mask::/p' env
cat env >>"$GITHUB_ENV"
grep ' behind ' log || true
