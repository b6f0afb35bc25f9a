"""What the inspector says of labels without a cuboid; every number worked out by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.all_kinds import all_kinds_content
from viewer.progress import JobContext
from viewer.scene.metadata import GeoPosition, MetadataType
from viewer.scene.scene import Dataset, OtherKind, OtherRef
from viewer.scene.tracks import Track
from viewer.session.box_facts import box_facts
from viewer.session.flat_facts import kind_counts, track_groups
from viewer.session.scene_facts import scene_facts
from viewer.session.selection import LabelKey
from viewer.session.tracks import SceneTracks, TrackExtent, read_tracks
from viewer.session.view_settings import ViewSettings


@pytest.fixture(scope="module")
def content():
    return all_kinds_content()


def told(content, label_id, track_id=None):
    facts = box_facts(content, LabelKey("gt", 4, label_id, track_id), ViewSettings())
    assert facts is not None
    return facts, {(g.title, f.name): f.value for g in facts.groups for f in g.facts}


def test_a_polygon(content):
    facts, values = told(content, "p")
    assert facts.class_name == "car"
    assert values["Polygon", "On"] == "front"
    assert values["Polygon", "Vertices"] == "3"
    assert values["Polygon", "Size"] == "10.0 × 10.0 px"
    assert values["Polygon", "Area"] == "50.0 px²"
    assert values["Attributes", "colour"] == "red"
    assert values["Links", "→ parent"] == "car-4"


def test_keypoints_by_name(content):
    _, values = told(content, "k")
    assert values["Each keypoint", "nose"] == "5.0, 20.0 px"
    assert values["Each keypoint", "tail"] == "9.0, 20.0 px hidden"
    assert values["Each keypoint", "ear"] == "not labelled"


def test_a_crowd_with_the_chances_of_its_classes(content):
    facts, values = told(content, "b", "9")
    assert values["2D box", "Size"] == "30.0 × 16.0 px"
    assert values["2D box", "Stands for"] == "many objects"
    assert values["2D box", "Score"] == "0.400"
    shares = next(group for group in facts.groups if group.title == "Classes")
    assert [(fact.name, fact.value) for fact in shares.facts] == [
        ("bus", "0.700"),
        ("car", "0.300"),
    ]


def test_masks(content):
    _, values = told(content, "m", "1")
    assert values["Mask", "Area"] == "15 px"
    assert values["Mask", "Mask size"] == "40 × 30 px"
    _, values = told(content, "s")
    assert values["Classes of pixels", "road"] == "50.0 %"
    assert values["Classes of pixels", "class 0 without a name"] == "50.0 %"


def test_a_classification_and_a_word(content):
    _, values = told(content, "c2")
    assert values["Class", "On"] == "scene"
    assert values["Class", "Taxonomy"] == "place"
    assert values["Classes", "village"] == "0.100"
    _, values = told(content, "t")
    assert values["Text", "Token"] == "3"
    assert values["Text", "Text"] == "turns"


def test_points_of_a_class(content):
    facts, values = told(content, "points lidar 3")
    count = len(content.sweeps[0].cloud)
    assert facts.class_name == "car"
    assert values["Points", "Count"] == "30"
    assert values["Points", "Objects"] == "1"
    assert values["Points", "Share"] == f"{30 / count * 100:.1f} % of the sweep"


def test_a_cuboid_tells_its_links_and_its_box_on_the_image(content):
    _, values = told(content, "car-4", "1")
    assert values["Links", "parent →"] == "p"
    assert values["2D boxes", "front"] == "30.0 × 30.0 px at 10.0, 20.0"


def test_nothing_is_said_of_what_is_not_there(content):
    assert box_facts(content, LabelKey("gt", 4, "points lidar 99"), ViewSettings()) is None
    assert box_facts(content, LabelKey("gt", 3, "p"), ViewSettings()) is None


def test_kinds_are_counted(content):
    assert kind_counts(content.labels["gt"], content, "gt") == (
        "2 cuboids, 2 2D boxes, 1 polygon, 1 keypoints, 1 mask, 1 class mask, 2 classes, 1 text"
    )


def test_a_track_as_a_whole():
    extent = TrackExtent("gt", "7", "car", (0, 1, 2, 6), ("a", "b", "c", "d"))
    own = Track(
        "7", "car", keyframes=(0, 6), visible=((0, 2), (5, 8)), attributes={"colour": "red"}
    )
    tracks = SceneTracks((extent,), told={("gt", "7"): own})
    groups = track_groups(tracks, LabelKey("gt", 1, "b", "7"))
    values = {(g.title, f.name): f.value for g in groups for f in g.facts}
    # Frames count from 1 for people.
    assert values == {
        ("Track", "Labelled"): "4 frames: 1 to 3, 7",
        ("Track", "Keyframes"): "2: 1, 7",
        ("Track", "Visible"): "1 to 3, 6 to 9",
        ("Track attributes", "colour"): "red",
    }
    assert track_groups(tracks, LabelKey("gt", 1, "x", "8")) == []
    assert track_groups(None, LabelKey("gt", 1, "b", "7")) == []


class WithTracks:
    """The fake drive's reader in a format that tells about tracks."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def read_tracks(self, label_set_id):
        return [Track("1", "car", keyframes=(0, 4))] if label_set_id == "gt" else []


def test_what_the_format_says_of_tracks_is_kept(content):
    scene = replace(content.scene, reader=WithTracks(content.scene.reader))
    tracks = read_tracks(JobContext(), scene)
    found = tracks.told_of(LabelKey("gt", 4, "car-4", "1"))
    assert found is not None
    assert found.keyframes == (0, 4)
    assert tracks.told_of(LabelKey("model", 4, "p0-4", "1")) is None
    assert tracks.told_of(LabelKey("gt", 4, "car-4")) is None


def test_metadata_others_and_what_is_judged_as_a_whole(content):
    scene = replace(content.scene, metadata={"place": GeoPosition(48.5, 9.25)})
    frame = replace(content.frame, others=(OtherRef(OtherKind.AUDIO, "mic", "a.wav"),))
    shown = replace(content, scene=scene, frame=frame, metadata={"taken": 1_500_000_000})
    dataset = Dataset(
        Path("/d"), "fake", (scene,), metadata={"owner": {"team": "a", "size": 3}},
        metadata_types={"taken": MetadataType.TIME},
    )  # fmt: skip
    groups = scene_facts(scene, shown, None, (), dataset)
    values = {(g.title, f.name): f.value for g in groups for f in g.facts}
    assert values["Frame metadata", "taken"] == "1970-01-01 00:00:01.5 UTC"
    assert values["Scene metadata", "place"] == "48.5°, 9.25°"
    assert values["Dataset metadata", "owner"] == "team: a, size: 3"
    assert values["Frame", "mic (audio)"] == "a.wav"
    assert values["Classified as a whole", "front"] == "rain 0.50"
    assert values["Classified as a whole", "scene: place"] == "city"
    assert values["Points of lidar: Ground truth", "car"] == "30"
