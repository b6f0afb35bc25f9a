"""The doctor of cameras and clocks: what was measured of a scene, and the image looked at."""

from dataclasses import dataclass, replace

import numpy as np

from viewer.checks.finding import Finding
from viewer.checks.sensors.health import CameraHealth, SceneHealth
from viewer.geometry.cuboids import Cuboids
from viewer.scene.shapes import Outline
from viewer.session.changes import (
    Change,
    DatasetGrown,
    DatasetOpened,
    FrameShown,
    JobsChanged,
    SceneClosed,
)
from viewer.session.findings_board import FindingsBoard
from viewer.session.findings_changes import (
    DoctorChanged,
    EvidenceShown,
    FindingChosen,
    FindingsChange,
    RunChanged,
)
from viewer.session.findings_doctor_run import measure_health
from viewer.session.findings_walk import FindingsWalk
from viewer.session.ghosts import Became, FlatGhost, FrameGhosts

DOCTOR_JOB = "findings-doctor"


@dataclass(frozen=True, slots=True)
class Sight:
    """One image of one camera."""

    scene_id: str
    camera_id: str
    frame_index: int


class Doctor:
    """Measures the open scene, keeps what was told, shows one image of it. Owner's thread only."""

    def __init__(self, board: FindingsBoard, walk: FindingsWalk) -> None:
        self._board, self._walk, self._session = board, walk, board.session
        self._health: dict[str, SceneHealth] = {}
        self._behind: set[str] = set()
        self._measuring: str | None = None
        self._waits = False
        self._sight: Sight | None = None
        self._is_drawn = False
        self._unsubscribe = (
            self._session.subscribe(self._on_change), board.subscribe(self._on_findings)
        )  # fmt: skip

    def dispose(self) -> None:
        """Stop listening and measuring."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._session.jobs.cancel(DOCTOR_JOB)

    # -- measuring ---------------------------------------------------------------------------

    @property
    def health(self) -> SceneHealth | None:
        """What was measured of the open scene; None before."""
        scene = self._session.scene
        return None if scene is None else self._health.get(scene.scene_id)

    @property
    def is_behind(self) -> bool:
        """Whether labels, or the numbers that checks start from, changed since."""
        scene = self._session.scene
        return scene is not None and scene.scene_id in self._behind

    @property
    def is_measuring(self) -> bool:
        """Whether a scene is being measured, or will be once the checks are done."""
        return self._measuring is not None or self._waits

    @property
    def progress(self) -> tuple[int, int | None, str]:
        """How far measuring is: done, total, what is done now."""
        if self._waits:
            return 0, None, "Waiting for the checks…"
        jobs = self._session.jobs.statuses
        status = next((each for each in jobs if each.key == DOCTOR_JOB), None)
        if status is None:
            return 0, None, ""
        return status.progress.done, status.progress.total, status.progress.text

    def measure(self) -> None:
        """Measure the open scene in the background."""
        session, scene = self._session, self._session.scene
        if scene is None or self.is_measuring:
            return
        if not scene.camera_ids and not any(frame.sweeps for frame in scene.frames):
            session.say("Nothing to measure: the scene has no sensors", is_problem=True)
            return
        if self._board.is_checking:
            # Frames are loaded on the thread that is left.
            self._waits = True
            self._board.emit(DoctorChanged())
            return
        edits, options, scene_id = session.edit_labels, self._board.options, scene.scene_id
        before = self._board.gathered_of(scene)
        self._measuring, self._waits = scene_id, False
        self._behind.discard(scene_id)
        session.jobs.start(
            DOCTOR_JOB,
            lambda context: measure_health(context, scene, edits, options, before),
            done=lambda health: self._keep(scene_id, health),
            failed=lambda error: self._fail(scene_id, error),
            given_up=self._end,
            title=f"Measuring the sensors of {scene_id}",
            priority=28,
        )
        self._board.emit(DoctorChanged())

    def give_up(self) -> None:
        """Stop measuring; what was told before stays."""
        waited, self._waits = self._waits, False
        self._session.jobs.cancel(DOCTOR_JOB)
        if waited:
            self._board.emit(DoctorChanged())

    def mark_behind(self, scene_id: str | None = None) -> None:
        """Labels of a scene changed, or what every scene is judged by."""
        names = self._health if scene_id is None else {scene_id} & self._health.keys()
        self._behind.update(names)
        self._board.emit(DoctorChanged())

    def _keep(self, scene_id: str, health: SceneHealth) -> None:
        self._health[scene_id] = health
        self._end()
        count = len(health.findings)
        told = "nothing found" if not count else "1 finding" if count == 1 else f"{count} findings"
        self._session.say(f"Sensors of {scene_id} measured: {told}")

    def _fail(self, scene_id: str, error: Exception) -> None:
        self._end()
        self._session.say(f"The sensors of {scene_id} cannot be measured: {error}", is_problem=True)

    def _end(self) -> None:
        self._measuring = None
        self._board.emit(DoctorChanged())

    # -- looking -----------------------------------------------------------------------------

    def show(self, camera_id: str | None, frame_index: int) -> None:
        """Go to a frame, a camera large, outlines of cuboids beside the 2D boxes drawn."""
        session, scene = self._session, self._session.scene
        if scene is None or not 0 <= frame_index < len(scene.frames):
            return
        self._walk.leave()
        if camera_id in scene.camera_ids and camera_id is not None:
            self._sight = Sight(scene.scene_id, camera_id, frame_index)
            session.set_large_camera(camera_id)
            session.set_view(images=replace(session.view.images, cuboids=True, boxes_2d=True))
        else:
            self._sight = None
        session.go_to_frame(frame_index)
        self._draw()

    def open_finding(self, finding: Finding) -> None:
        """Look at a finding as it is listed; else as it was measured."""
        listed = self._board.open_findings(finding.scene_id)
        own = finding.finding_id
        self._walk.show(next((each for each in listed if each.finding_id == own), finding))

    def _draw(self) -> None:
        ghosts = self._ghosts()
        if ghosts is not None or self._is_drawn:
            self._is_drawn = ghosts is not None
            self._board.emit(EvidenceShown(ghosts, None))

    def _ghosts(self) -> FrameGhosts | None:
        sight, content, health = self._sight, self._session.content, self.health
        if sight is None or content is None or health is None:
            return None
        if content.scene.scene_id != sight.scene_id or content.index != sight.frame_index:
            return None
        camera = next((each for each in health.cameras if each.camera_id == sight.camera_id), None)
        flat = () if camera is None else _outlines(camera, sight.frame_index)
        return FrameGhosts(Cuboids.empty("world"), None, (), (), flat) if flat else None

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            self._draw()
        elif isinstance(change, DatasetOpened | SceneClosed):
            if isinstance(change, DatasetOpened) or self._session.dataset is None:
                self._forget()
        elif isinstance(change, DatasetGrown):
            self.mark_behind()
        elif isinstance(change, JobsChanged) and self.is_measuring:
            self._board.emit(DoctorChanged())

    def _on_findings(self, change: FindingsChange) -> None:
        if isinstance(change, FindingChosen) and self._board.current is not None:
            # Its evidence is drawn in place of the outlines.
            self._sight, self._is_drawn = None, False
        elif isinstance(change, RunChanged):
            self._make_way()

    def _make_way(self) -> None:
        """Let the checks go first, and measure once they are done."""
        if self._measuring is not None and self._board.is_checking:
            self._session.jobs.cancel(DOCTOR_JOB)
            self._waits = True
            self._board.emit(DoctorChanged())
        elif self._waits and not self._board.is_checking:
            self._waits = False
            self.measure()

    def _forget(self) -> None:
        self.give_up()
        self._health.clear()
        self._behind.clear()
        self._sight = None
        self._board.emit(DoctorChanged())


def _outlines(camera: CameraHealth, frame_index: int) -> tuple[FlatGhost, ...]:
    boxes = camera.boxes
    if boxes is None:
        return ()
    found = []
    for row in np.flatnonzero(boxes.frame_of == frame_index).tolist():
        left, top, right, bottom = boxes.outlines_px[row].tolist()
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        away = boxes.boxes_px[row] - boxes.outlines_px[row]
        apart = float(np.hypot(*((away[:2] + away[2:]) / 2)))
        outline = Outline(corners, True)
        found.append(FlatGhost(camera.camera_id, f"{apart:.1f} px", Became.EXPECTED, (outline,)))
    return tuple(found)
