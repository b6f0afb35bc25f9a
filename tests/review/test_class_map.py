"""Classes and thresholds of a workspace."""

import pytest

from viewer.review import CommandRefused, Workspace
from viewer.review.commands.class_map import ChangeClassEntry, ChangeThreshold
from viewer.review.commands.settings import ChangeSetting
from viewer.review.datasets.class_map import class_changes, thresholds, workspace_class_map
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap

DELIVERED = ClassMap((ClassEntry("car", (1, 2, 3), 7), ClassEntry("bus", (4, 5, 6), ignored=True)))


def test_the_workspace_changes_and_adds_classes(workspace: Workspace):
    assert workspace_class_map(workspace.reading, DELIVERED) == DELIVERED
    workspace.run(ChangeClassEntry("car", {"colour": (9, 9, 9), "train_name": "vehicle"}))
    workspace.run(ChangeClassEntry("car", {"ignored": True}))
    workspace.run(ChangeClassEntry("tram", {}))
    workspace.run(ChangeSetting("class_map_of_nobody", 1))
    found = workspace_class_map(workspace.reading, DELIVERED)
    assert found.entries == (
        ClassEntry("car", (9, 9, 9), 7, train_name="vehicle", ignored=True),
        DELIVERED.entries[1],
        ClassEntry("tram", PALETTE[2]),
    )
    workspace.run(ChangeClassEntry("car", None))
    assert workspace.undo_text == "Reset class car"
    assert list(class_changes(workspace.reading)) == ["tram"]
    workspace.undo()
    assert workspace_class_map(workspace.reading, DELIVERED) == found


def test_thresholds_are_numbers_by_name(workspace: Workspace):
    workspace.run(ChangeThreshold("score", 0.4))
    workspace.run(ChangeThreshold("min_points", 5))
    assert workspace.undo_text == "Change threshold min points to 5"
    assert thresholds(workspace.reading) == {"min_points": 5.0, "score": 0.4}
    workspace.run(ChangeThreshold("score", None))
    assert thresholds(workspace.reading) == {"min_points": 5.0}


@pytest.mark.parametrize(
    "command",
    [
        ChangeClassEntry("", {}),
        ChangeClassEntry("car", {"name": "bus"}),
        ChangeClassEntry("car", {"colour": (1, 2)}),
        ChangeClassEntry("car", {"colour": (1, 2, 256)}),
        ChangeClassEntry("car", {"ignored": 1}),
        ChangeClassEntry("car", {"parent": 3}),
        ChangeClassEntry("car", {"class_id": 1.5}),
        ChangeThreshold("", 1.0),
        ChangeThreshold("score", float("nan")),
    ],
)
def test_what_makes_no_sense_is_refused(workspace: Workspace, command):
    with pytest.raises(CommandRefused):
        workspace.run(command)
    assert class_changes(workspace.reading) == {}
    assert thresholds(workspace.reading) == {}
