"""The values of the label that is looked at, to stand beside what is usual for its class."""

import numpy as np

from viewer.checks.finding import Finding
from viewer.session.box_facts import select_row
from viewer.session.findings_usual import SIZES, OwnValues
from viewer.session.frame_content import FrameContent
from viewer.session.label_filter import ego_range_m
from viewer.session.label_rows import speed_mps
from viewer.session.point_counts import count_in_boxes
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

_TOLD = ("speed_mps", "acceleration_mps2", "slack_m")


def own_values(
    content: FrameContent | None,
    key: LabelKey | None,
    finding: Finding | None,
    view: ViewSettings,
) -> OwnValues | None:
    """Return sizes, range, points and speed of a label with a cuboid; None for any other.

    Parameters
    ----------
    finding
        That is looked at; what its check measured of the label is taken from it.
    """
    if content is None or key is None or key.frame_index != content.index:
        return None
    labels = content.labels.get(key.label_set_id)
    row = None if labels is None else labels.cuboids.row_of(key.label_id)
    if labels is None or row is None:
        return None
    one = select_row(labels.cuboids, row)
    values = dict(zip(SIZES, one.cuboids.size[0].tolist(), strict=True))
    speed = float(speed_mps(one)[0])
    if np.isfinite(speed):
        values["speed_mps"] = speed
    if finding is not None and finding.labels and finding.labels[0].label_id == key.label_id:
        numbers = finding.evidence.numbers
        values |= {name: numbers[name] for name in _TOLD if name in numbers}
    range_m = float(ego_range_m(one, content)[0])
    has_points = any(sweep.frame_index == content.index for sweep in content.sweeps)
    points = int(count_in_boxes(content, one, view)[0]) if has_points else None
    return OwnValues(one.class_names[0], values, range_m, points)
