#!/usr/bin/env bash
# Measures what people wait for, each beside what they would use instead, in one run.
#   bash packaging/bench.sh [TOPIC ...]      (default: all topics)
# Writes benchmarks.json and prints a table.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
sightline_setup test
cd "$SIGHTLINE_ROOT"
exec "$SIGHTLINE_VENV/bin/python" packaging/bench/run.py "$@"
