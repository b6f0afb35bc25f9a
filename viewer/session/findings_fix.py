"""Taking over what a check suggests, with the commands that a person's own edits use."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from viewer.checks.finding import EvidenceBox, Finding, Fix, FixKind
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import yaw_from_quaternion
from viewer.review import Subject, new_id
from viewer.review.commands.marks import MarkMissing
from viewer.review.marks.reading import marks_in_frame
from viewer.scene.labels import CuboidLabels
from viewer.session.findings_evidence import fixed_box
from viewer.session.frame_content import FrameContent
from viewer.session.review_desk import ReviewDesk

SAME_PLACE_M = 0.5


def apply_fix(review: ReviewDesk, finding: Finding) -> bool:
    """Apply the fix of a finding whose label is selected; say why where that is not possible."""
    fix = finding.fix
    if fix is None:
        review.session.say("This check suggests no fix", is_problem=True)
        return False
    editing = review.editing
    match fix.kind:
        case FixKind.FLIP_HEADING:
            return editing.flip_heading()
        case FixKind.DELETE:
            return editing.delete()
        case FixKind.CHANGE_CLASS:
            return editing.change_class(str(fix.values["class_name"]))
        case FixKind.CHANGE_TRACK:
            return editing.change_track(str(fix.values["track_id"]))
        case FixKind.MERGE_TRACKS:
            return editing.merge_tracks(
                str(fix.values["into_track_id"]), str(fix.values["track_id"])
            )
        case FixKind.SET_BOX:
            return _set_box(review, finding, fix.values)
        case FixKind.ADD_LABEL:
            return _mark(review, finding, fix)


def _set_box(review: ReviewDesk, finding: Finding, values: Mapping[str, Any]) -> bool:
    """Give the label the box, told in world, in the coord frame in which it is kept."""
    content = review.session.content
    labels = None if content is None else content.labels.get(finding.labels[0].label_set_id)
    fixed = fixed_box(finding)
    if content is None or labels is None or fixed is None:
        review.session.say("Nothing changed: the label is not shown", is_problem=True)
        return False
    world = Cuboids(
        np.array([fixed.center_m]), np.array([fixed.size_m]), np.array([fixed.rotation_wxyz]),
        "world",
    )  # fmt: skip
    own = _in_own_frame(world, content, labels.cuboids)
    return review.editing.change_box(
        own.center[0].tolist() if "center_m" in values else None,
        own.size[0].tolist() if "size_m" in values else None,
        own.rotation[0].tolist() if "rotation_wxyz" in values else None,
    )


def _in_own_frame(boxes: Cuboids, content: FrameContent, labels: CuboidLabels) -> Cuboids:
    # As the checks took it to the world: offsets of time that a person set are not in it.
    time_ns = labels.timestamp_ns if labels.timestamp_ns is not None else content.timestamp_ns
    source = labels.cuboids.coord_frame_id
    return boxes.transformed(content.rig.transforms.transform(source, "world", time_ns))


def _is_marked(review: ReviewDesk, scene_id: str, box: EvidenceBox) -> bool:
    """Whether a mark stands where the fix would put one."""
    reading, dataset_id = review.reading, review.dataset_id
    if reading is None or dataset_id is None:
        return False
    found = marks_in_frame(reading, dataset_id, scene_id, box.frame_key)
    return any(
        mark.position is not None and np.allclose(mark.position, box.center_m, atol=SAME_PLACE_M)
        for mark in found
    )


def _mark(review: ReviewDesk, finding: Finding, fix: Fix) -> bool:
    """Mark the missing object: labels of a dataset are changed, not added."""
    box, dataset_id = fixed_box(finding), review.dataset_id
    if box is None or dataset_id is None:
        review.session.say("Nothing marked: the check tells no place", is_problem=True)
        return False
    if _is_marked(review, finding.scene_id, box):
        review.session.say(f"It is marked already in frame {box.frame_key}")
        return False
    scene = review.session.scene
    label_set = finding.labels[0].label_set_id if finding.labels else None
    class_name = str(fix.values.get("class_name") or finding.class_name or "object")
    command = MarkMissing(
        new_id(), Subject.frame(dataset_id, finding.scene_id, box.frame_key), class_name,
        box.center_m, "world", size=box.size_m,
        yaw_rad=float(yaw_from_quaternion(np.array(box.rotation_wxyz))),
        label_set_id=label_set, comment=finding.text,
    )  # fmt: skip
    if scene is None or not review.run(command):
        return False
    review.session.say(f"{command.text} in frame {box.frame_key}")
    return True
