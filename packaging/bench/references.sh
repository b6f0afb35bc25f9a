#!/usr/bin/env bash
# Makes the environments of the implementations that evaluation is timed beside.
#   bash packaging/bench/references.sh FOLDER
#   SIGHTLINE_REFERENCE_VENV=FOLDER bash packaging/bench.sh evaluate_nuscenes evaluate_tracking
# They are apart from Sightline's own, and from each other: they need different versions of numpy.
set -euo pipefail
folder=${1:?give the folder that shall hold the environments}
python=${PYTHON:-python3}

make_reference() {
  local name=$1
  shift
  [ -x "$folder/$name/bin/python" ] || "$python" -m venv "$folder/$name"
  "$folder/$name/bin/python" -m pip install -q --disable-pip-version-check "$@"
}

make_reference nuscenes nuscenes-devkit==1.2.0 motmetrics==1.4.0 'numpy==1.26.4' scipy==1.17.1
make_reference tracking trackeval==1.3.0 motmetrics==1.4.0 numpy==2.4.6 scipy==1.17.1
