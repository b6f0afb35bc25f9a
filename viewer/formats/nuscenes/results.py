"""Detection and tracking results beside the tables: boxes by sample token, in the world."""

from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import JsonFile, RowDecoder
from viewer.formats.nuscenes.schema import ResultRow

SCANNED_SAMPLES = 50


class ResultFile:
    """A result file, indexed by sample; boxes are decoded when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = JsonFile(path)
        self._decoder = RowDecoder(list[ResultRow])
        self._spans: dict[str, tuple[int, int]] = {}
        results = [start for key, start, _ in self._file.object_entries() if key == "results"]
        if not results:
            raise DamagedData(path, "$.results", "is missing")
        for token, start, end in self._file.object_entries(results[0]):
            self._spans[token] = (start, end)

    def boxes(self, sample_token: str) -> list[ResultRow]:
        """Return the boxes of a sample, none where the file has none."""
        span = self._spans.get(sample_token)
        if span is None:
            return []
        return self._decoder.one(self._file, *span, f"$.results[{sample_token}]")

    def sample_tokens(self) -> list[str]:
        """Return the samples that the file names."""
        return list(self._spans)

    def class_names(self) -> list[str]:
        """Return the classes of the first samples."""
        names: set[str] = set()
        for token in list(self._spans)[:SCANNED_SAMPLES]:
            try:
                rows = self.boxes(token)
            except DamagedData:
                continue  # Told of when the sample's labels are read.
            names |= {row.detection_name or row.tracking_name or "unknown" for row in rows}
        return sorted(names)


def result_place(label_id: str) -> str:
    """Return where a box stands, from its label's id.

    Examples
    --------
    >>> result_place("e93:2")
    '$.results[e93][2]'
    """
    token, _, row = label_id.rpartition(":")
    return f"$.results[{token}][{row}]"
