#!/usr/bin/env bash
# curl, with which the shown examples are run, installed where it is missing.
set -euo pipefail
if command -v curl > /dev/null; then exit 0; fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends curl
