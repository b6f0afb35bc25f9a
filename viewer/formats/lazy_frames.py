"""The frames of a scene, made when they are first asked for."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from viewer.scene.scene import Frame


class LazyFrames(Sequence[Frame]):
    """As many frames as are announced; may be used on any thread.

    Parameters
    ----------
    count
        How many there are.
    make
        Makes all of them, in order.
    """

    def __init__(self, count: int, make: Callable[[], Iterable[Frame]]) -> None:
        self._count = count
        self._make = make
        self._lock = threading.Lock()
        self._frames: tuple[Frame, ...] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Frame, ...]: ...
    def __getitem__(self, index: int | slice) -> Frame | tuple[Frame, ...]:
        return self._made()[index]

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._made())

    def _made(self) -> tuple[Frame, ...]:
        frames = self._frames
        if frames is None:
            with self._lock:
                if self._frames is None:
                    self._frames = tuple(self._make())
                frames = self._frames
        return frames


class FramesOnDemand(Sequence[Frame]):
    """As many frames as are announced, each made when it is first asked for; on any thread.

    Parameters
    ----------
    count
        How many there are.
    make
        Makes the frame of an index; equal frames each time.
    """

    def __init__(self, count: int, make: Callable[[int], Frame]) -> None:
        self._made: list[Frame | None] = [None] * count
        self._make = make

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Frame, ...]: ...
    def __getitem__(self, index: int | slice) -> Frame | tuple[Frame, ...]:
        if isinstance(index, slice):
            return tuple(self._one(each) for each in range(*index.indices(len(self))))
        return self._one(range(len(self))[index])

    def _one(self, index: int) -> Frame:
        frame = self._made[index]
        if frame is None:
            frame = self._made[index] = self._make(index)
        return frame
