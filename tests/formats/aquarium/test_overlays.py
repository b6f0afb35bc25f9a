"""Overlays and previews of images: whose they are, what is read, and what is told."""

import numpy as np
import pytest
from PIL import Image

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.base import DamagedData
from viewer.formats.frame_cache import FrameCache
from viewer.formats.survey import all_problems
from viewer.progress import JobContext
from viewer.render.prepare import prepared_for
from viewer.scene.images import OverlaySource
from viewer.scene.scene import Dataset
from viewer.session.frame_store import FrameStore
from viewer.session.view_settings import ImageStyle, ViewSettings

CLEAR_GREEN = (0, 255, 0, 64)


@pytest.fixture
def make(tmp_path, rows):
    """Write a frame with the two usual cameras and more sensors, and open it."""
    rng = np.random.default_rng(3)
    for name in ("cam0", "small"):
        pixels = rng.integers(0, 256, (72, 128, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    Image.new("RGBA", (4, 2), CLEAR_GREEN).save(tmp_path / "over.png")

    def write(*sensors, coord_frames=(), cameras=(), frames=1):
        made = []
        for number in range(frames):
            frame = rows.frame(f"f{number}")
            usual = cameras or [each for each in frame["sensor_data"] if "cam" in each["sensor_id"]]
            frame["sensor_data"] = [*usual, *sensors]
            frame["coordinate_frames"] += list(coord_frames)
            made.append(frame)
        (scene,) = AquariumFormat().open(rows.write(tmp_path / "frames.jsonl", made)).scenes
        return scene

    return write


@pytest.fixture
def over(rows):
    def sensor(sensor_id="cam1", overlay_id="heat", mode="None", url="over.png", **more):
        facts = {"overlay_id": overlay_id, "resize_mode": mode}
        urls, kind = {"image_url": url}, "IMAGE_OVERLAY_V0"
        usual = {"sensor_metadata": facts} | more
        return rows.sensor(sensor_id, kind, usual.pop("frame", sensor_id), urls, **usual)

    return sensor


def messages(scene):
    list(scene.frames)
    return [problem.message for problem in scene.reader.problems()]


def test_an_overlay_is_read_with_its_alpha(make, over, tmp_path):
    scene = make(over(mode="fill"))
    assert scene.has_overlays
    assert isinstance(scene.reader, OverlaySource)
    (ref,) = scene.frames[0].overlays
    assert (ref.sensor_id, ref.overlay_id, ref.fill) == ("cam1", "heat", True)
    assert ref.source == str(tmp_path / "over.png")
    image = scene.reader.read_overlay(0, "cam1", "heat")
    assert image.pixels.shape == (2, 4, 4)
    assert (image.pixels == CLEAR_GREEN).all()
    stored = scene.reader.read_encoded_overlay(0, "cam1", "heat")
    assert stored == (tmp_path / "over.png").read_bytes()
    with pytest.raises(DamagedData, match="no overlay 'other'"):
        scene.reader.read_overlay(0, "cam1", "other")
    assert messages(scene) == []


@pytest.mark.parametrize(
    ("mode", "fill"), [("fill", True), ("None", False), (None, False), ("Fill", True), (3, False)]
)
def test_only_fill_stretches(make, over, mode, fill):
    assert make(over(mode=mode)).frames[0].overlays[0].fill is fill


@pytest.mark.parametrize(
    ("sensor_id", "coord_frame", "camera"),
    [
        ("cam0", "cam0", "cam0"),
        ("cam0", "cam1", "cam0"),
        ("DEFAULT", "cam0_proj", "cam0"),
        ("DEFAULT", "cam0", "cam0"),
        ("cam0_proj", None, "cam0"),
        ("DEFAULT", "cam1", "cam1"),
    ],
)
def test_it_belongs_to_the_image_that_it_names(make, over, sensor_id, coord_frame, camera):
    scene = make(over(sensor_id, frame=coord_frame))
    assert [each.sensor_id for each in scene.frames[0].overlays] == [camera]
    assert scene.reader.read_overlay(0, camera, "heat").pixels.shape == (2, 4, 4)


def test_one_without_an_image_is_told_once_for_all_frames(make, over):
    scene = make(over("nobody"), frames=3)
    assert all(frame.overlays == () for frame in scene.frames)
    wanted = "3 overlays name 'nobody', where the frame has no image; not shown"
    assert messages(scene) == [wanted]


def test_an_image_may_have_several(make, over):
    scene = make(over(overlay_id="a"), over(overlay_id="b", mode="fill"), over("cam0"))
    found = [(each.sensor_id, each.overlay_id) for each in scene.frames[0].overlays]
    assert found == [("cam1", "a"), ("cam1", "b"), ("cam0", "heat")]
    assert messages(scene) == []


def test_overlays_of_one_image_that_share_an_id_are_told_apart(make, over, tmp_path):
    Image.new("RGBA", (1, 1), (9, 8, 7, 6)).save(tmp_path / "dot.png")
    scene = make(over(), over("DEFAULT", frame="cam1", url="dot.png"))
    first, second = scene.frames[0].overlays
    assert first.overlay_id != second.overlay_id
    shapes = [
        scene.reader.read_overlay(0, "cam1", each.overlay_id).pixels.shape
        for each in (first, second)
    ]
    assert shapes == [(2, 4, 4), (1, 1, 4)]


def test_the_coord_frame_that_an_overlay_repeats_changes_nothing(make, over, rows):
    again = rows.coord_frame("cam1", "IMAGE")
    projected = rows.coord_frame("cam0_proj", "IMAGE")
    scene = make(over(), over("cam0_proj"), coord_frames=[again, again, projected])
    cameras = scene.reader.read_rig(0).cameras
    assert cameras["cam0"].model is not None
    assert messages(scene) == []


def test_a_plain_coord_frame_before_the_projection_changes_nothing(tmp_path, make, rows):
    frame = rows.frame()
    frame["coordinate_frames"].insert(0, rows.coord_frame("cam0_proj", "IMAGE"))
    (scene,) = AquariumFormat().open(rows.write(tmp_path / "frames.jsonl", [frame])).scenes
    assert scene.reader.read_rig(0).cameras["cam0"].model is not None
    assert messages(scene) == []


def test_a_missing_file_is_told_and_the_image_is_there(make, over):
    scene = make(over(url="gone.png"), over("cam0"))
    store = FrameStore(scene, FrameCache(10_000_000))
    try:
        content = store.load(JobContext(), 0, ViewSettings(), 128)
        assert set(content.images) == {"cam0", "cam1"}
        assert [each.ref.sensor_id for each in content.overlays] == ["cam0"]
        assert ["gone.png" in str(problem) for problem in content.problems] == [True]
        hidden = ViewSettings(images=ImageStyle(overlays=False))
        content = store.load(JobContext(), 0, hidden, 128)
        assert content.overlays == ()
        assert content.problems == ()
    finally:
        store.close()


def test_switching_them_on_loads_the_frame_anew(make, over):
    shown, hidden = ViewSettings(), ViewSettings(images=ImageStyle(overlays=False))
    store = FrameStore(make(over()), FrameCache(10_000_000))
    try:
        assert store.load(JobContext(), 0, hidden, 128).overlays == ()
        assert len(store.load(JobContext(), 0, shown, 128).overlays) == 1
        assert prepared_for(shown) != prepared_for(hidden)
    finally:
        store.close()


def test_a_remote_overlay_is_told_like_other_remote_data(make, over):
    scene = make(over(url="https://example.org/over.png"))
    assert scene.frames[0].overlays == ()
    (message,) = messages(scene)
    assert "is remote and is never fetched" in message


def camera(rows, **urls):
    return rows.sensor("cam0", "IMAGE_V0", "cam0_proj", urls)


@pytest.mark.parametrize("full", ["https://example.org/cam0.png", "gone.png", None])
def test_a_preview_stands_in_for_an_image_that_is_not_here(make, rows, tmp_path, full):
    urls = {"image_url": full, "preview_url": "small.png"}
    scene = make(cameras=[camera(rows, **urls)], frames=3)
    for index in range(3):
        shown = scene.reader.read_image(index, "cam0", None).rgb()
        np.testing.assert_array_equal(shown, np.asarray(Image.open(tmp_path / "small.png")))
        assert [each.sensor_id for each in scene.frames[index].images] == ["cam0"]
        assert scene.reader.read_rig(index).cameras["cam0"].model.width_px == 128
    assert scene.reader.read_encoded_image(0, "cam0") == (tmp_path / "small.png").read_bytes()
    wanted = "full images of 'cam0' are not on this machine; their previews are shown"
    assert messages(scene) == [wanted]


def test_the_full_image_is_used_where_both_are_here(make, rows, tmp_path):
    scene = make(cameras=[camera(rows, image_url="cam0.png", preview_url="small.png")])
    assert scene.reader.read_encoded_image(0, "cam0") == (tmp_path / "cam0.png").read_bytes()
    assert scene.frames[0].images[0].source == str(tmp_path / "cam0.png")
    assert messages(scene) == []


def test_where_neither_is_here_the_full_image_is_told_missing(make, rows):
    urls = {"image_url": "gs://bucket/cam0.png", "preview_url": "gs://bucket/small.png"}
    scene = make(cameras=[camera(rows, **urls)])
    assert scene.frames[0].images == ()
    (message,) = messages(scene)
    assert "gs://bucket/cam0.png" in message
    lost = make(cameras=[camera(rows, image_url="gone.png", preview_url="lost.png")])
    with pytest.raises(DamagedData, match=r"gone\.png"):
        lost.reader.read_image(0, "cam0", None)


def test_a_survey_tells_of_a_damaged_overlay(make, over, tmp_path):
    (tmp_path / "over.png").write_bytes((tmp_path / "over.png").read_bytes()[:40])
    scene = make(over())
    dataset = Dataset(scene.path, scene.format_name, (scene,))
    sources = [problem.source for problem in all_problems(dataset, JobContext())]
    assert any(source.endswith("over.png") for source in sources)
    labels_alone = all_problems(dataset, JobContext(), samples=False)
    assert not any(problem.source.endswith("over.png") for problem in labels_alone)
