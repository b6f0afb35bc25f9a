"""What a run found out of each scene, kept in the cache: a run that was ended goes on from there.

Everything is kept under a digest of what it was made from: labels, point files by size and time of
change, parameters. Whatever differs is simply not found, and made again.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from viewer.checks.absences import AbsenceMeasures
from viewer.checks.file_facts import FileFacts, InspectedFile
from viewer.checks.finding import Finding
from viewer.checks.learned import Learned
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import FLOOR_M, MARGIN_M, PointMeasures
from viewer.formats.base import DamagedData
from viewer.formats.cache.array_file import ArrayFile, Arrays
from viewer.geometry.box_fit import BoxFit
from viewer.geometry.box_sight import BoxSight
from viewer.geometry.transform import RigidTransform
from viewer.metrics.objects import EvaluatedObjects
from viewer.scene.images import ImageRef
from viewer.scene.scene import Problem, Scene, SweepRef
from viewer.scene.sensors import Rig

R = TypeVar("R", bound=msgspec.Struct)
MEASURES_VERSION: Final = 5
CHECKS_VERSION: Final = 19
"""Grows when a check answers differently to the same questions."""
FILES_VERSION: Final = 2
PACKING: Final = 1
"""Level of compression: the least makes a seventh of findings."""
_FIT: Final = ("counts", "low_m", "high_m", "outside", "standing")
_SIGHT: Final = ("passed", "blocked", "ended")
_ABSENT: Final = "absent_rows"


class _KeptFiles(msgspec.Struct):
    files: list[InspectedFile]
    problems: list[Problem]


class KeptResult(msgspec.Struct):
    """The answers about one scene."""

    findings: list[Finding]
    skipped: dict[str, str]
    problems: list[Problem]
    tallies: dict[str, list[tuple[list[str | int], int]]] = {}
    """What checks about the dataset counted: keys and counts."""


def labels_digest(scene: Scene, labels: EvaluatedObjects) -> str:
    """Digest of labels and of which points they are measured with."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (scene.path, scene.scene_id, MEASURES_VERSION, MARGIN_M, FLOOR_M):
        digest.update(f"{part}\x1f".encode())
    _digest_objects(digest, labels)
    for frame in scene.frames:
        for sweep in frame.sweeps:
            digest.update(f"{sweep.source}\x1f{sweep.timestamp_ns}\x1f".encode())
            digest.update(_file_facts(scene.path, sweep.source))
    return digest.hexdigest()


def compared_digest(labels: str, others: Mapping[str, EvaluatedObjects]) -> str:
    """Digest of labels, by their own, together with the sets that they are compared with."""
    digest = hashlib.blake2b(labels.encode(), digest_size=16)
    for set_id, objects in others.items():
        digest.update(f"{set_id}\x1f".encode())
        _digest_objects(digest, objects)
    return digest.hexdigest()


def _digest_objects(digest: "hashlib.blake2b", objects: EvaluatedObjects) -> None:
    for array in (
        objects.frame_rows, objects.centers_m, objects.sizes_m, objects.rotations,
        objects.class_rows, objects.scores, objects.track_rows, objects.boxes_px,
    ):  # fmt: skip
        if array is not None:
            digest.update(np.ascontiguousarray(array).tobytes())
    for names in (objects.class_names, objects.track_ids, objects.label_ids):
        digest.update("\x1f".join(names).encode())
    digest.update(repr(list(objects.attributes or ())).encode())


def load_measures(digest: str) -> PointMeasures | None:
    """Return measures that were kept under a digest."""
    arrays = _measures_file(digest).load()
    if arrays is None:
        return None
    try:
        fit = BoxFit(*(arrays[name] for name in _FIT))
        sight = BoxSight(*(arrays[name] for name in _SIGHT))
        absent = AbsenceMeasures.of_arrays(arrays) if _ABSENT in arrays else None
        return PointMeasures(fit, sight, arrays["ground_m"], arrays["has_points"], absent)
    except KeyError:
        return None


def save_measures(digest: str, measures: PointMeasures) -> None:
    """Keep measures; a cache that cannot be written is no error."""
    arrays: Arrays = {name: getattr(measures.fit, name) for name in _FIT}
    arrays |= {name: getattr(measures.sight, name) for name in _SIGHT}
    arrays |= {"ground_m": measures.ground_m, "has_points": measures.has_points}
    if measures.absent is not None:
        arrays |= measures.absent.as_arrays()
    _measures_file(digest).save(arrays)


def files_digest(scene: Scene, decoded_images: int) -> str:
    """Digest of which files a scene has, by size and time of change, and how they are inspected."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{FILES_VERSION}\x1f{scene.path}\x1f{scene.scene_id}\x1f".encode())
    digest.update(f"{decoded_images}\x1f".encode())
    for frame in scene.frames:
        refs: tuple[SweepRef | ImageRef, ...] = (*frame.sweeps, *frame.images)
        for ref in refs:
            digest.update(f"{ref.sensor_id}\x1f{ref.source}\x1f{ref.timestamp_ns}\x1f".encode())
            digest.update(_file_facts(scene.path, ref.source))
    return digest.hexdigest()


def noted_digest(facts: FileFacts | None) -> str:
    """Digest of what the reader noted, which the files of points and images do not tell."""
    problems = sorted(map(str, () if facts is None else facts.problems))
    return hashlib.blake2b("\x1f".join(problems).encode(), digest_size=16).hexdigest()


def load_files(digest: str) -> FileFacts | None:
    """Return what was told of files that are as they were."""
    kept = _load_record(f"file facts {digest}", _KeptFiles)
    return None if kept is None else FileFacts(tuple(kept.files), tuple(kept.problems))


def save_files(digest: str, facts: FileFacts) -> None:
    """Keep what is told of files; a cache that cannot be written is no error."""
    _save_record(f"file facts {digest}", _KeptFiles(list(facts.files), list(facts.problems)))


def sensors_digest(scene: Scene) -> str:
    """Digest of calibration, of poses over time, and of which images there are."""
    digest = hashlib.blake2b(digest_size=16)
    told: set[int] = set()
    for frame in scene.frames:
        for image in frame.images:
            digest.update(f"{image.sensor_id}\x1f{image.timestamp_ns}\x1f{image.source}".encode())
        try:
            rig = scene.reader.read_rig(frame.index)
        except DamagedData as error:
            digest.update(str(error).encode())
            continue
        if id(rig) not in told:
            told.add(id(rig))
            _digest_rig(digest, rig)
    return digest.hexdigest()


def _digest_rig(digest: "hashlib.blake2b", rig: Rig) -> None:
    for camera in rig.cameras.values():
        digest.update(f"{camera.sensor_id}\x1f{camera.coord_frame_id}\x1f{camera.model}".encode())
        if camera.camera_matrix is not None:
            digest.update(np.ascontiguousarray(camera.camera_matrix).tobytes())
    for edge in rig.transforms.edges:
        digest.update(f"{edge.dst}\x1f{edge.src}".encode())
        arrays: tuple[np.ndarray[Any, Any], ...]
        if isinstance(edge, RigidTransform):
            arrays = (edge.rotation, edge.translation)
        else:
            arrays = (edge.timestamps_ns, edge.rotations_wxyz, edge.translations_m)
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())


def result_digest(
    labels: str, sensors: str, learned: Learned, policy: Policy, add_ons: Sequence[str] = ()
) -> str:
    """Digest of everything that the answers about a scene depend on.

    Parameters
    ----------
    add_ons
        Packages that offer checks, with their versions.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{CHECKS_VERSION}\x1f{labels}\x1f{sensors}\x1f{_policy_text(policy)}".encode())
    for name in learned.class_names:
        digest.update(name.encode())
        for quantity, counts in sorted(learned.counts[name].items()):
            digest.update(quantity.encode())
            digest.update(np.ascontiguousarray(counts).tobytes())
    digest.update(repr(sorted(learned.labels_by_scene)).encode())
    digest.update(repr(add_ons).encode())
    return digest.hexdigest()


def load_result(digest: str) -> KeptResult | None:
    """Return answers that were kept under a digest."""
    return _load_record(f"check result {digest}", KeptResult)


def save_result(digest: str, result: KeptResult) -> None:
    """Keep the answers about a scene; a cache that cannot be written is no error."""
    _save_record(f"check result {digest}", result)


def _load_record(procedure: str, kind: type[R]) -> R | None:
    arrays = ArrayFile((), procedure, {"record": np.uint8}).load()
    if arrays is None:
        return None
    try:
        return msgspec.msgpack.decode(arrays["record"].tobytes(), type=kind, dec_hook=_array_from)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _save_record(procedure: str, record: msgspec.Struct) -> None:
    packed = msgspec.msgpack.encode(record, enc_hook=_plain)
    array = np.frombuffer(packed, dtype=np.uint8)
    ArrayFile((), procedure, {"record": np.uint8}).save({"record": array})


def pack_findings(findings: Sequence[Finding]) -> bytes:
    """Return findings as bytes that `unpack_findings` reads."""
    return zlib.compress(msgspec.msgpack.encode(list(findings), enc_hook=_plain), PACKING)


def unpack_findings(packed: bytes) -> tuple[Finding, ...]:
    """Return findings that `pack_findings` packed."""
    return msgspec.msgpack.decode(
        zlib.decompress(packed), type=tuple[Finding, ...], dec_hook=_array_from
    )


def _measures_file(digest: str) -> ArrayFile:
    return ArrayFile((), f"box measures {digest}")


def _file_facts(root: Path, source: str) -> bytes:
    for path in (Path(source), root / source):
        try:
            status = path.stat()
        except OSError:
            continue
        return f"{status.st_size}\x1f{status.st_mtime_ns}".encode()
    return b""


def _policy_text(policy: Policy) -> str:
    def plain(values: Mapping[str, Any]) -> list[Any]:
        return sorted(values.items())

    pinned: list[Any] = [
        (check, plain(each.values), [(name, plain(own)) for name, own in plain(each.by_class)])
        for check, each in plain(policy.pinned)
    ]
    only = None if policy.only is None else sorted(policy.only)
    names = (policy.annotator_attribute, policy.batch_key)
    return repr((only, sorted(policy.skip), pinned, names))


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(type(value))


def _array_from(kind: type, value: Any) -> Any:  # noqa: ANN401 - whatever msgspec asks for
    if getattr(kind, "__origin__", kind) is np.ndarray:
        return np.array(value, dtype=np.float64)
    raise NotImplementedError(kind)
