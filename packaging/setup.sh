#!/usr/bin/env bash
# Sets up everything Sightline needs; sourced by run.sh and test.sh.
#   sightline_setup run|test     (idempotent: a second call does no work)

SIGHTLINE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SIGHTLINE_VENV=${SIGHTLINE_VENV:-$SIGHTLINE_ROOT/.venv}

# Qt (xcb and wayland), OpenGL (hardware and software), Open3D and OpenMP, fonts.
RUN_PACKAGES=(
  libgl1 libegl1 libgl1-mesa-dri libglx-mesa0 libopengl0
  libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 fonts-dejavu-core
  libxkbcommon0 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxext6 libxrender1 libsm6 libice6
  libxcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
  libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xinerama0
  libxcb-xkb1 libxcursor1 libxfixes3 libxi6 libxrandr2 libxinerama1 libgssapi-krb5-2 libudev1 libzstd1
  libwayland-client0 libwayland-cursor0 libwayland-egl1 libgomp1 libusb-1.0-0
)
TEST_PACKAGES=(xvfb xdotool openbox x11-utils git chromium)

say() { printf 'sightline: %s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  say "needs Python 3.11 or newer; install it and set PYTHON=/path/to/python3"
  return 1
}

# libglib2.0-0 is called libglib2.0-0t64 on newer systems, and so are others: ask dpkg for both.
missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query -W -f='${Status}\n' "$name" "${name}t64" 2>/dev/null | grep -q 'ok installed' ||
      printf '%s\n' "$name"
  done
}

install_system_packages() {
  command -v dpkg-query >/dev/null 2>&1 || {
    say "this is no Debian or Ubuntu: install Qt 6's xcb libraries, OpenGL and fonts yourself"
    return 0
  }
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      say "some system packages are missing; run this line once, then start again:"
      say "  sudo apt-get update && sudo apt-get install -y ${missing[*]}"
      return 1
    fi
  fi
  say "installing system packages: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

make_venv() {
  local python=$1
  [ -x "$SIGHTLINE_VENV/bin/python" ] && "$SIGHTLINE_VENV/bin/python" -m pip --version >/dev/null 2>&1 && return 0
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    local version
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install_system_packages "python$version-venv" || return 1
  fi
  "$python" -m venv "$SIGHTLINE_VENV"
}

# What a set-up depends on: when none of it changed, nothing is done again.
setup_stamp() {
  local kind=$1
  (cd "$SIGHTLINE_ROOT" && {
    echo "$kind $SIGHTLINE_ROOT $("$SIGHTLINE_VENV/bin/python" -V 2>&1)"
    cat pyproject.toml packaging/constraints.txt packaging/setup.sh
  } | sha256sum | cut -d' ' -f1)
}

# The sources of all compiled kernels.
kernel_stamp() {
  (cd "$SIGHTLINE_ROOT" && grep -rlZ --include='*.py' njit viewer | sort -z | xargs -0 cat) |
    sha256sum | cut -d' ' -f1
}

# Modules and kernels are compiled here and not at the first click, also where Python is told not to
# write bytecode. A kernel's cache does not see that another kernel, built into it, has changed:
# when the source of any changes, all are compiled again.
compile_kernels() {
  local stamp_file="$SIGHTLINE_VENV/.sightline-kernels" stamp
  stamp=$(kernel_stamp)
  # They lie beside their modules: another copy of the sources, or a cleaned one, has none.
  if [ -f "$stamp_file" ] && [ "$(cat "$stamp_file")" = "$stamp" ] &&
    [ -n "$(find "$SIGHTLINE_ROOT/viewer" -name '*.nbi' -print -quit)" ]; then
    return 0
  fi
  say "compiling kernels (once)"
  (
    cd "$SIGHTLINE_ROOT" || exit 1
    find viewer -name '*.nb[ci]' -delete
    "$SIGHTLINE_VENV/bin/python" -m compileall -q viewer || exit 1
    "$SIGHTLINE_VENV/bin/python" packaging/compile_kernels.py
  ) >&2 || return 1
  echo "$stamp" >"$stamp_file"
}

derive_sample_forms() {
  (cd "$SIGHTLINE_ROOT" && "$SIGHTLINE_VENV/bin/python" sample_scenes/derive_forms.py) >&2
}

sightline_setup() {
  local kind=$1 stamp_file="$SIGHTLINE_VENV/.sightline-$1" python
  if [ -f "$stamp_file" ] && [ "$(cat "$stamp_file")" = "$(setup_stamp "$kind")" ]; then
    compile_kernels
    return
  fi
  python=$(find_python) || return 1
  if [ "$kind" = test ]; then
    install_system_packages "${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}" || return 1
  else
    install_system_packages "${RUN_PACKAGES[@]}" || return 1
  fi
  make_venv "$python" || return 1
  say "installing Python packages (once)"
  (
    cd "$SIGHTLINE_ROOT" || exit 1
    # The environment's own pip reads the constraints; the project itself is installed in place.
    "$SIGHTLINE_VENV/bin/python" -m pip install -q --disable-pip-version-check --upgrade \
      -c packaging/constraints.txt pip >&2 || exit 1
    requirements=(-e '.[processing]')
    [ "$kind" = test ] && requirements+=(--group dev)
    "$SIGHTLINE_VENV/bin/python" -m pip install -q --disable-pip-version-check \
      -c packaging/constraints.txt "${requirements[@]}" >&2
  ) || return 1
  compile_kernels || return 1
  say "preparing the sample scenes' other forms (once)"
  derive_sample_forms || return 1
  setup_stamp "$kind" >"$stamp_file"
}
