"""Why the 3D view of a frame is empty, in words that say what helps."""

import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from viewer.formats.path_map import MAP_HINT
from viewer.scene.scene import Frame, Problem
from viewer.session.frame_content import FrameContent

SEARCHED_FRAMES = 500
"""Frames on either side in which the nearest with lidar is looked for."""
_LONGEST_TOLD = 160
_ADDRESS = re.compile(r"'([^']+)'")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]+/")


def why_3d_is_empty(content: FrameContent) -> str | None:
    """Return what is missing and what to do, one line each; None while there is something."""
    if any(len(sweep.cloud) for sweep in content.sweeps):
        return None
    if any(len(labels.cuboids) for labels in content.labels.values()):
        return None
    scene, frame = content.scene, content.frame
    unmapped = _unmapped_prefix([*content.problems, *scene.reader.problems()])
    if unmapped is not None and (scene.lidar_ids or not frame.images):
        return (
            f"The points of this frame are not here: data of the scene lie at {unmapped}\n"
            f"Copy them to a folder and open the scene with --map {unmapped}=FOLDER"
        )
    if content.sweeps:
        return f"The lidar of this frame has no points{_nearest(content, scene.frames)}"
    if frame.sweeps:
        return f"The lidar of this frame cannot be read\n{_what_is_wrong(content)}"
    if scene.lidar_ids:
        return f"This frame has neither lidar nor boxes{_nearest(content, scene.frames)}"
    if scene.camera_ids:
        return (
            "This scene has no lidar, and this frame no boxes\n"
            "The images are above; the key 0 shows them all"
        )
    return "This scene has no lidar, and this frame no boxes"


def _unmapped_prefix(problems: Sequence[Problem]) -> str | None:
    """Return how addresses begin that no folder of this machine stands for."""
    for problem in problems:
        address = _ADDRESS.search(problem.message)
        if MAP_HINT in problem.message and address is not None:
            host = _HOST.match(address[1])
            return host[0] if host is not None else f"{address[1].rpartition('/')[0]}/"
    return None


def _what_is_wrong(content: FrameContent) -> str:
    sources = {ref.source for ref in content.frame.sweeps}
    names = {Path(source).name for source in sources}
    for problem in content.problems:
        if problem.source in sources or Path(problem.source).name in names:
            told = f"{Path(problem.source).name}: {problem.message}"
            return told if len(told) <= _LONGEST_TOLD else f"{told[:_LONGEST_TOLD]}…"
    return "The list of problems, at the bottom of the window, says why"


def _nearest(content: FrameContent, frames: Sequence[Frame]) -> str:
    """Say where the nearest frame with lidar is."""
    here = content.index
    near = chain.from_iterable((here + step, here - step) for step in range(1, SEARCHED_FRAMES + 1))
    for index in near:
        if 0 <= index < len(frames) and frames[index].sweeps:
            return f"\nThe nearest frame with lidar is {index + 1} of {len(frames)}"
    return ""
