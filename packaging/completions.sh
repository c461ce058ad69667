#!/bin/sh
# Writes the completions of shells, which the archives and packages have.
set -eu
cd "$(dirname "$0")"
mkdir -p completions
for shell in bash zsh fish; do
  go run ../cmd/redis-rest completion "$shell" >"completions/redis-rest.$shell"
done
