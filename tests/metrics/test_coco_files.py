"""COCO's own files, from the disk to the figures, against pycocotools."""

import json
from pathlib import Path

import pytest

from viewer.metrics.gathering import gather_paths
from viewer.metrics.protocols.catalog import protocol_by_name
from viewer.progress import JobContext

GOLDENS = Path(__file__).parent / "goldens"
FIGURES = json.loads((GOLDENS / "coco_figures.json").read_text())


@pytest.mark.parametrize("measure", FIGURES)
def test_polygons_and_a_list_of_results(measure):
    job = JobContext()
    found = gather_paths(GOLDENS / "coco_instances.json", GOLDENS / "coco_results.json", job)
    guess = found.predictions[0].objects(despite_problems=False)
    protocol = protocol_by_name("coco")
    figures = protocol.evaluate(found.labels, guess, {"measure": measure}, job).results["all"]
    expected = {name: value if value >= 0 else None for name, value in FIGURES[measure].items()}
    assert expected["AP"] > 0.05
    assert figures == pytest.approx(expected, abs=1e-9)
