#!/usr/bin/env bash
# Installs Redis' own clients and server from Debian where they are missing, and starts no server.
set -euo pipefail

command -v redis-cli >/dev/null && command -v redis-server >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'redis-tools and redis-server are missing, and only root of a Debian system can install them here'
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
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-tools redis-server
}
if install >"$log" 2>&1; then
  echo "installed $(redis-server --version)"
else
  echo 'could not install redis-tools and redis-server:'
  tail -n 20 "$log"
fi
rm -f "$log"
