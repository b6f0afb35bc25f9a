"""One status per asset, as Picsellia keeps it of an annotation.

An asset is an image there and a frame here. A frame without a verdict of its own takes the worst of
its labels': refused before skipped before accepted; nothing judged is pending.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.iso_time import time_from_iso
from viewer.review.exchange.base import (
    Exported,
    Losses,
    Received,
    iso_text,
    read_verdicts,
    write_json,
)
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import ReviewRecords, VerdictRecord
from viewer.review.subject import SubjectKind
from viewer.review.verdicts.platform_states import Vocabulary, from_platform, to_platform

FILE = "picsellia_status.json"
_WORST_FIRST = ("REFUSED", "SKIPPED", "ACCEPTED")


class PicselliaStatus:
    """A status per frame."""

    name: ClassVar[str] = "picsellia"
    title: ClassVar[str] = "Picsellia annotation status"
    holds: ClassVar[str] = "one status a frame, from its verdict or the worst of its labels'"

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write ``picsellia_status.json``: a list with a row per judged frame."""
        losses = Losses()
        by_frame: dict[str, list[VerdictRecord]] = {}
        for each in records.verdicts:
            subject = each.subject
            if subject.frame_key is None:
                losses.note(f"verdicts on a {subject.kind} have no place there")
                continue
            frame_id = names.frame_id(str(subject.scene_id), subject.frame_key)
            by_frame.setdefault(frame_id, []).append(each)
        rows = [_row(frame_id, given, losses) for frame_id, given in by_frame.items()]
        losses.note("issues have no place there", len(records.issues))
        losses.note("marks of missing objects have no place there", len(records.marks))
        return Exported((write_json(folder / FILE, rows),), {"assets": len(rows)}, losses)

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read statuses as verdicts on frames."""
        return read_verdicts(path, FILE, "assets", lambda row: _verdict(row, names))


def _row(frame_id: str, given: list[VerdictRecord], losses: Losses) -> dict[str, Any]:
    own = [each for each in given if each.subject.kind is SubjectKind.FRAME]
    if not own:
        losses.note("verdicts on labels are told as one status of their frame", len(given))
    told: dict[str, VerdictRecord] = {}
    for each in own[-1:] or given:
        word = to_platform(Vocabulary.PICSELLIA, each.state)
        losses.note(word.loss)
        told[str(word.text)] = each
    status = next(word for word in _WORST_FIRST if word in told)
    record = told[status]
    return {
        "filename": frame_id,
        "status": status,
        "worker": record.reviewer,
        "updated_at": iso_text(record.time_ns),
        "comment": "; ".join(filter(None, (*record.reasons, record.comment))),
    }


def _verdict(row: object, names: DatasetNames) -> VerdictRecord | None:
    if not isinstance(row, Mapping) or not isinstance(row.get("filename"), str):
        raise ValueError("is no asset with a filename")
    status = row.get("status")
    meaning = from_platform(Vocabulary.PICSELLIA, status if isinstance(status, str) else None)
    if meaning.state is None:
        return None
    frame = names.frame(row["filename"])
    if frame is None:
        raise ValueError(f"{row['filename']} is not in the dataset")
    return VerdictRecord(
        frame, meaning.state, str(row.get("worker") or "unknown"),
        time_from_iso(str(row.get("updated_at"))) or 0, comment=str(row.get("comment") or ""),
    )  # fmt: skip
