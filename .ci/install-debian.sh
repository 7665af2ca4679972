#!/usr/bin/env bash
# Installs what tests want of Debian where it is missing: Redis' clients and server, Chromium, Prometheus' tool, shells, mandoc. Starts no server.
set -euo pipefail

packages=()
command -v redis-cli >/dev/null || packages+=(redis-tools)
command -v redis-server >/dev/null || packages+=(redis-server)
command -v chromium >/dev/null || packages+=(chromium)
command -v promtool >/dev/null || packages+=(prometheus)
command -v mandoc >/dev/null || packages+=(mandoc)
command -v zsh >/dev/null || packages+=(zsh)
command -v fish >/dev/null || packages+=(fish)
[ ${#packages[@]} = 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "missing, and only root of a Debian system can install them here: ${packages[*]}"
  exit 1
fi

# Debian starts a server as it installs it, unless this file says that it must not.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi

log=$(mktemp)
install() {
  apt-get update &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
}
if install >"$log" 2>&1; then
  echo "installed ${packages[*]}"
else
  echo "could not install ${packages[*]}:"
  tail -n 20 "$log"
fi
rm -f "$log"
