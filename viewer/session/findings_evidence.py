"""What a finding shows in the frame: dotted boxes, the way of the track, points."""

from collections.abc import Iterator

import numpy as np

from viewer.checks.finding import BoxRole, EvidenceBox, Finding, FixKind
from viewer.geometry.cuboids import Cuboid, Cuboids
from viewer.scene.shapes import Outline
from viewer.session.findings_lit import LitEvidence
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import labels_ns
from viewer.session.ghosts import Became, FlatGhost, FrameGhosts
from viewer.session.view_settings import ViewSettings

_BECAME = {
    BoxRole.OTHER: Became.OTHER, BoxRole.EXPECTED: Became.EXPECTED,
    BoxRole.PREDICTION: Became.PREDICTION,
}  # fmt: skip
BESIDE_M, FAR_M = 1.0, 15.0
"""Evidence nearer than this is seen with the label; farther, showing both would show neither."""
SOUGHT_M = 1.5
"""Around a box without its object."""
SEARCHED = frozenset({"empty-box"})
_BOX_FIXES = (FixKind.SET_BOX, FixKind.ADD_LABEL)


def evidence_ghosts(
    finding: Finding, content: FrameContent, view: ViewSettings
) -> FrameGhosts | None:
    """Return the boxes to draw dotted over the finding's frame; None without any."""
    boxes = list(_boxes(finding))
    names = [_caption(each, content.frame.key) for each in boxes]
    region = searched_box(finding)
    if region is not None:
        boxes.append(region)
        names.append("searched")
    flat = tuple(_flat(finding))
    if not boxes and not flat:
        return None
    set_id = finding.labels[0].label_set_id if finding.labels else ""
    labels = content.labels.get(set_id)
    at_ns = content.timestamp_ns if labels is None else labels_ns(content, labels.cuboids, view)
    return FrameGhosts(
        cuboids_of(boxes), at_ns, tuple(names), tuple(_BECAME[each.role] for each in boxes), flat
    )


def lit_evidence(finding: Finding) -> LitEvidence | None:
    """Return the way of the track and the points to look at; None without any."""
    evidence = finding.evidence
    if evidence.trail_m is None and evidence.points_m is None:
        return None
    return LitEvidence(evidence.trail_m, evidence.points_m)


def sought_box(finding: Finding) -> Cuboid | None:
    """Return the box to bring into view: around label and evidence where the label is not all.

    None where framing the label shows everything, or there is nothing to frame.
    """
    boxes = list(_boxes(finding))
    if not finding.labels:
        own = boxes or list(finding.evidence.boxes)
        return cuboids_of(own[:1])[0] if own else None
    label = next((each for each in finding.evidence.boxes if each.role is BoxRole.LABEL), None)
    if label is None:
        return None
    center = np.array(label.center_m)
    away = [float(np.linalg.norm(np.array(each.center_m) - center)) for each in boxes]
    near = [each for each, by in zip(boxes, away, strict=True) if BESIDE_M < by < FAR_M]
    return _around([label, *near]) if near else None


def searched_box(finding: Finding) -> EvidenceBox | None:
    """Return where the object of an empty box may be: so far points are looked for."""
    if finding.check not in SEARCHED:
        return None
    own = next((each for each in finding.evidence.boxes if each.role is BoxRole.LABEL), None)
    if own is None or not np.isfinite([*own.center_m, *own.size_m, *own.rotation_wxyz]).all():
        return None
    length, width, height = own.size_m
    size = (length + 2 * SOUGHT_M, width + 2 * SOUGHT_M, height)
    return EvidenceBox(BoxRole.OTHER, own.frame_key, own.center_m, size, own.rotation_wxyz)


def fixed_box(finding: Finding) -> EvidenceBox | None:
    """Return where the suggested fix would put the box; None where it moves none."""
    fix = finding.fix
    if fix is None or fix.kind not in _BOX_FIXES:
        return None
    own = next((each for each in finding.evidence.boxes if each.role is BoxRole.LABEL), None)
    values = fix.values
    if own is None and not {"center_m", "size_m", "rotation_wxyz"} <= values.keys():
        return None
    key = str(values.get("frame_key") or finding.frame_key or "")
    x, y, z = values.get("center_m", () if own is None else own.center_m)
    length, width, height = values.get("size_m", () if own is None else own.size_m)
    w, i, j, k = values.get("rotation_wxyz", () if own is None else own.rotation_wxyz)
    center, size = (float(x), float(y), float(z)), (float(length), float(width), float(height))
    turned = float(w), float(i), float(j), float(k)
    return EvidenceBox(BoxRole.EXPECTED, key, center, size, turned)


def cuboids_of(boxes: list[EvidenceBox]) -> Cuboids:
    """Boxes as columns, in world."""
    if not boxes:
        return Cuboids.empty("world")
    center = np.array([each.center_m for each in boxes], np.float64)
    size = np.array([each.size_m for each in boxes], np.float64)
    rotation = np.array([each.rotation_wxyz for each in boxes], np.float64)
    norm = np.linalg.norm(rotation, axis=1, keepdims=True)
    upright = np.array([1.0, 0.0, 0.0, 0.0])
    rotation = np.where(norm > 0, rotation / np.where(norm > 0, norm, 1.0), upright)
    return Cuboids(center, size, rotation, "world")


def _around(boxes: list[EvidenceBox]) -> Cuboid:
    """The upright box that holds all of them."""
    corners = cuboids_of(boxes).corners().reshape(-1, 3)
    low, high = corners.min(axis=0), corners.max(axis=0)
    upright = np.array([1.0, 0.0, 0.0, 0.0])
    return Cuboid((low + high) / 2, high - low, upright, "world")


def _boxes(finding: Finding) -> Iterator[EvidenceBox]:
    """Everything but the label itself, which is drawn anyway; sound numbers only."""
    shown = [each for each in finding.evidence.boxes if each.role in _BECAME]
    fixed = fixed_box(finding)
    if fixed is not None and not any(_same_place(each, fixed) for each in shown):
        shown.append(fixed)
    for each in shown:
        numbers = [*each.center_m, *each.size_m, *each.rotation_wxyz]
        if np.isfinite(numbers).all():
            yield each


def _same_place(first: EvidenceBox, second: EvidenceBox) -> bool:
    return first.frame_key == second.frame_key and np.allclose(
        [*first.center_m, *first.size_m], [*second.center_m, *second.size_m], atol=0.01
    )


def _caption(box: EvidenceBox, frame_key: str) -> str:
    word = {
        BoxRole.OTHER: "other label", BoxRole.EXPECTED: "expected",
        BoxRole.PREDICTION: "predicted",
    }[box.role]  # fmt: skip
    return word if box.frame_key == frame_key else f"{word}, frame {box.frame_key}"


def _flat(finding: Finding) -> Iterator[FlatGhost]:
    """The rectangle on the image."""
    evidence = finding.evidence
    if evidence.pixels is not None and evidence.camera_id is not None:
        left, top, right, bottom = evidence.pixels
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        yield FlatGhost(evidence.camera_id, "here", Became.OTHER, (Outline(corners, True),))
