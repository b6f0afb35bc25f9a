"""What writers of image sets share: one item a frame and camera, stable names, losses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from viewer.formats.base import DamagedData
from viewer.formats.images import IMAGE_SUFFIXES, decode_image
from viewer.formats.native.image_file import encoded_image
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.base import (
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.image_labels import ImageLabel, cuboids_on_image, labels_on_image
from viewer.formats.writers.losses import LossLog
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Frame, Scene


@dataclass(frozen=True, eq=False, slots=True)
class ImageItem:
    """One image of the export with its labels."""

    stem: str
    """Name of its file without the suffix, unique among all items."""
    suffix: str
    data: bytes
    width_px: int
    height_px: int
    scene: Scene
    frame: Frame
    sensor_id: str
    labels: dict[str, list[ImageLabel]]
    """By label set."""


def export_items(
    scenes: Sequence[Scene], title: str, job: WriteJob, *, keeps_metadata: bool = False
) -> Iterator[ImageItem]:
    """Yield every image that can be read, frame by frame and camera by camera."""
    options, losses = job.options, job.losses
    taken: set[str] = set()
    for scene in scenes:
        note_left_out_label_sets(scene, options, losses)
        _note_scene(scene, title, losses)
        if not keeps_metadata and isinstance(scene.reader, FrameMetadata):
            count = sum(len(scene.reader.read_frame_metadata(e.index)) for e in scene.frames)
            why = f"{title} has no place for it"
            losses.add("fact about a frame", scene.scene_id, why, count)
        label_sets = chosen_label_sets(scene, options)
        for frame in job.context.track(scene.frames, f"Writing {title}"):
            yield from _items(scene, frame, label_sets, taken, title, options, losses, len(scenes))


def free_name(name: str, taken: set[str]) -> str:
    """Return the name, with underscores when another differs by case alone or not at all."""
    while name.casefold() in taken:
        name += "_"
    taken.add(name.casefold())
    return name


def _items(
    scene: Scene,
    frame: Frame,
    label_sets: Sequence[LabelSet],
    taken: set[str],
    title: str,
    options: WriteOptions,
    losses: LossLog,
    scene_count: int,
) -> Iterator[ImageItem]:
    sets = {each.label_set_id: _labels(scene, frame, each, losses) for each in label_sets}
    shown: set[str] = set()
    seen_cuboids: dict[str, set[int]] = {name: set() for name in sets}
    for image in frame.images:
        sensor_id = image.sensor_id
        if options.camera_id not in (None, sensor_id):
            losses.add("image", f"{scene.scene_id}/{sensor_id}", "the camera was not chosen")
            continue
        try:
            data, suffix = encoded_image(scene.reader, frame.index, sensor_id)
            decoded = decode_image(data, image.source, 1)
        except DamagedData as damage:
            losses.add_unreadable(damage.as_problem())
            continue
        shown.add(sensor_id)
        flat: dict[str, list[ImageLabel]] = {}
        for name, labels in sets.items():
            where = f"{scene.scene_id}/{name}"
            rows = labels_on_image(labels, sensor_id, where, title, losses)
            rig = scene.reader.read_rig(frame.index)
            boxes, seen = cuboids_on_image(labels, rig, frame, sensor_id, where, losses)
            seen_cuboids[name] |= seen
            flat[name] = [*rows, *boxes]
        parts = [_key_stem(frame.key)]
        if len(scene.camera_ids) > 1:
            parts.append(file_stem(sensor_id))
        if scene_count > 1:
            parts.insert(0, file_stem(scene.scene_id))
        stem = free_name("__".join(parts), taken)
        size = (decoded.full_width_px, decoded.full_height_px)
        yield ImageItem(stem, suffix, data, *size, scene, frame, sensor_id, flat)
    for name, labels in sets.items():
        where = f"{scene.scene_id}/{name}"
        _note_rest(labels, shown, seen_cuboids[name], where, title, losses)


def one_label_set(
    scenes: Sequence[Scene], options: WriteOptions, title: str, losses: LossLog
) -> dict[str, str | None]:
    """Return the label set of each scene that is written; note the others."""
    found: dict[str, str | None] = {}
    for scene in scenes:
        sets = chosen_label_sets(scene, options)
        found[scene.scene_id] = sets[0].label_set_id if sets else None
        for each in sets[1:]:
            where = f"{scene.scene_id}/{each.label_set_id}"
            losses.add("label set", where, f"{title} has one; choose it with --label-set")
    return found


def _key_stem(key: str) -> str:
    lower = key.lower()
    suffix = next((each for each in IMAGE_SUFFIXES if lower.endswith(each)), "")
    return file_stem(key[: len(key) - len(suffix)])


def _labels(scene: Scene, frame: Frame, label_set: LabelSet, losses: LossLog) -> FrameLabels:
    found = read_labels(scene, frame, label_set.label_set_id, losses)
    return FrameLabels(CuboidLabels.empty("world")) if found is None else found


def _note_scene(scene: Scene, title: str, losses: LossLog) -> None:
    for name in scene.lidar_ids:
        count = sum(each.sensor_id == name for frame in scene.frames for each in frame.sweeps)
        losses.add("point cloud", f"{scene.scene_id}/{name}", f"{title} has images only", count)
    if len(scene.frames) > 1 and not scene.independent:
        losses.add("order in time", scene.scene_id, "images share no time")
    for name in scene.camera_ids:
        if not scene.independent:
            where = f"{scene.scene_id}/{name}"
            losses.add("lens and pose of a camera", where, f"{title} keeps no calibration")


def _note_rest(
    labels: FrameLabels, shown: set[str], seen: set[int], where: str, title: str, losses: LossLog
) -> None:
    count = len(labels.cuboids)
    losses.add("cuboid", where, f"{title} has 2D labels only; its box in each image", len(seen))
    losses.add("cuboid", where, f"{title} has 2D labels only; in no image", count - len(seen))
    losses.add("text token", where, f"{title} has no such labels", len(labels.text_tokens))
    losses.add("point classes", where, f"{title} has no such labels", len(labels.point_classes))
    losses.add("link", where, f"{title} links no labels", len(labels.links))
    owners = [*labels.boxes_2d.sensor_ids, *labels.shapes_2d.sensor_ids]
    owners += [mask.sensor_id for mask in labels.masks]
    unplaced = sum(1 for owner in owners if owner not in shown)
    losses.add("2D label", where, "no image of its camera is written", unplaced)
    other = sum(1 for each in labels.classifications if each.target not in shown)
    losses.add("classification", where, f"{title} classifies images only", other)
