#!/usr/bin/env bash
# Opens Sightline on PATH (default: the largest sample scene); sets everything up the first time.
# Without a display it renders the same scene to a PNG instead.
#   bash packaging/run.sh [PATH]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

sightline_setup run
path=${1:-$SIGHTLINE_ROOT/sample_scenes/street}

if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
  exec "$SIGHTLINE_VENV/bin/sightline" open "$path"
fi
picture=${SIGHTLINE_PICTURE:-$PWD/sightline.png}
say "there is no display here; rendering $path to $picture instead"
exec "$SIGHTLINE_VENV/bin/sightline" render "$path" --out "$picture" --size 1600x900
