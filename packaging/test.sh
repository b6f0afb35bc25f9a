#!/usr/bin/env bash
# Sets up the tests' tools, then runs linters, types, import rules and all tests.
#   bash packaging/test.sh [pytest arguments]
# Tests on real recordings run when SIGHTLINE_REAL_DATA names their folder, or when the folder
# ../shared/data lies beside the repository.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

sightline_setup test
cd "$SIGHTLINE_ROOT"
compile_kernels

if [ -z "${SIGHTLINE_REAL_DATA:-}" ] && [ -d ../shared/data ]; then
  SIGHTLINE_REAL_DATA=$(cd ../shared/data && pwd)
  export SIGHTLINE_REAL_DATA
fi
SIGHTLINE_CONFIG=$(mktemp -d)
export SIGHTLINE_CONFIG
trap 'rm -rf "$SIGHTLINE_CONFIG"' EXIT

bin=$SIGHTLINE_VENV/bin
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/lint-imports" --no-cache
"$bin/mypy"
"$bin/pytest" -q -n 2 --dist loadfile -m "not smoke" "$@"
"$bin/pytest" -q tests/smoke "$@"
