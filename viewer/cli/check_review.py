"""What a workspace says of labels that `sightline check` ranks: probabilities instead of scores."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.cli.base import terminal_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.checks.calibration import Scale
    from viewer.checks.ranking import Ranked
    from viewer.checks.source import ScenesAt


def scale_of_review(
    review: Path, dataset_name: str | None, ranked: "Sequence[Ranked]", source: "ScenesAt"
) -> "Scale":
    """Read what was decided in a workspace, and say on the error stream what comes of it."""
    from viewer.checks.calibration import Scale
    from viewer.cli.review.base import dataset_of, reading_workspace
    from viewer.session.findings_judged import judged, judgements

    with reading_workspace(review) as workspace:
        told = judgements(workspace.reading, dataset_of(workspace.reading, dataset_name))
    scenes = {scene.scene_id: scene for scene in source.dataset().scenes}
    with terminal_progress("Reading what was decided") as job:
        found = judged(ranked, told, scenes, job, {})
    scale = Scale(len(found), found.calibration())
    print(f"sightline: {review.name}: {scale.told}", file=sys.stderr)
    return scale
