#!/usr/bin/env bash
# Installs a package of Debian where the command of the same name is missing: scripts/ensure-package.sh curl
set -euo pipefail
if command -v "$1" > /dev/null; then exit 0; fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"
