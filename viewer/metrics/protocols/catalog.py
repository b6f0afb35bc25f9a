"""All evaluation protocols, by the names that people give on the command line."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Final, cast

from viewer.metrics.protocols.base import Protocol

PROTOCOLS: Final = (
    "viewer.metrics.protocols.kitti:KittiProtocol",
    "viewer.metrics.protocols.nuscenes_detection:NuScenesDetection",
    "viewer.metrics.protocols.nuscenes_tracking:NuScenesTracking",
    "viewer.metrics.protocols.argoverse2:Argoverse2Protocol",
    "viewer.metrics.protocols.waymo:WaymoProtocol",
    "viewer.metrics.protocols.clear:Clear",
    "viewer.metrics.protocols.hota:Hota",
    "viewer.metrics.protocols.coco:CocoProtocol",
)
"""``module:class`` of every protocol: only the one that is asked for is imported."""


@cache
def _protocol(place: str) -> Protocol:
    module, _, name = place.partition(":")
    return cast("Protocol", getattr(import_module(module), name)())


def all_protocols() -> Iterator[Protocol]:
    """Yield every protocol, each imported as it is reached."""
    return map(_protocol, PROTOCOLS)


def protocol_by_name(name: str) -> Protocol:
    """Return a protocol by its identifier; KeyError, naming all, when there is none."""
    by_name = {protocol.name: protocol for protocol in all_protocols()}
    if name not in by_name:
        raise KeyError(f"no protocol is called {name!r}; there are {', '.join(by_name)}")
    return by_name[name]
