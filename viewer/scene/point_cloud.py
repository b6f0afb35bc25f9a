"""Point clouds: positions, every other field by name, and where they were measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.transform import RigidTransform


@dataclass(frozen=True, eq=False, slots=True)
class PointCloud:
    """One sweep of points as stored, NaN rows included."""

    xyz: npt.NDArray[np.floating[Any]]
    """(N, 3) contiguous positions in `coord_frame_id`, metres; float64 where the file has it."""
    fields: Mapping[str, npt.NDArray[Any]] = field(default_factory=lambda: MappingProxyType({}))
    """Every other field by its stored name and type: (N,), or (N, count) for COUNT > 1."""
    coord_frame_id: str = "world"
    timestamp_ns: int | None = None
    finite_count: int = -1
    """How many rows have three finite coordinates; counted on construction when not given."""
    organized_shape: tuple[int, int] | None = None
    """(rows, columns) of an organised cloud."""
    viewpoint: RigidTransform | None = None
    """The sensor's pose as the file states it; it moves no point unless asked."""

    def __post_init__(self) -> None:
        if self.xyz.ndim != 2 or self.xyz.shape[1] != 3:
            raise ValueError(f"xyz must have shape (N, 3), not {self.xyz.shape}")
        for name, values in self.fields.items():
            if len(values) != len(self.xyz):
                raise ValueError(f"field {name!r} has {len(values)} rows, xyz has {len(self.xyz)}")
        if self.finite_count < 0:
            count = int(np.isfinite(self.xyz).all(axis=1).sum())
            object.__setattr__(self, "finite_count", count)

    def __len__(self) -> int:
        return len(self.xyz)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return int(self.xyz.nbytes + sum(values.nbytes for values in self.fields.values()))

    @property
    def scalar_fields(self) -> tuple[str, ...]:
        """Names of the fields with one number a point, in stored order."""
        return tuple(name for name, values in self.fields.items() if values.ndim == 1)

    def finite_mask(self) -> npt.NDArray[np.bool_]:
        """(N,) True where all three coordinates are finite."""
        if self.finite_count == len(self.xyz):
            return np.ones(len(self.xyz), dtype=bool)
        finite: npt.NDArray[np.bool_] = np.asarray(np.isfinite(self.xyz).all(axis=1))
        return finite

    def bounds(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
        """(min, max), each (3,), of the finite points; None when there is none."""
        if self.finite_count == 0:
            return None
        finite = self.xyz if self.finite_count == len(self.xyz) else self.xyz[self.finite_mask()]
        return finite.min(axis=0).astype(np.float64), finite.max(axis=0).astype(np.float64)
