"""Going through findings: the frame, the label framed, what the check saw drawn around it."""

import numpy as np
import numpy.typing as npt

from viewer.checks.finding import Finding
from viewer.scene.scene import Dataset, Scene
from viewer.session.changes import Change, FrameShown, SceneOpened
from viewer.session.compare_walk import PairPlace, PairWalk
from viewer.session.findings_board import FindingsBoard
from viewer.session.findings_changes import (
    EvidenceShown,
    FindingChosen,
    FindingsChange,
    PlaceSought,
)
from viewer.session.findings_evidence import evidence_ghosts, lit_evidence, sought_box
from viewer.session.findings_lit import LitEvidence
from viewer.session.findings_points import lights_points, lit_points
from viewer.session.frame_content import FrameContent

LIT_JOB = "findings-lit"


class FindingsWalk:
    """Brings findings into view, one at a time. Owner's thread only."""

    def __init__(self, board: FindingsBoard) -> None:
        self._board, self._session = board, board.session
        self._pairs = PairWalk(board.session)
        self._arriving = False
        self._made_large: str | None = None
        self._is_drawn = False
        self._found: tuple[Finding, FrameContent, npt.NDArray[np.float64] | None] | None = None
        self._unsubscribe = self._session.subscribe(self._on_change)
        board.subscribe(self._on_findings_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._session.jobs.cancel(LIT_JOB)
        self._pairs.dispose()

    def show(self, finding: Finding) -> None:
        """Look at a finding."""
        board = self._board
        dataset = self._session.dataset
        if dataset is None:
            return
        changed = finding is not board.current
        board.current = finding
        if changed:
            board.emit(FindingChosen())
        scene_index = _scene_index(dataset, finding.scene_id)
        if scene_index is None:
            self._session.say(f"There is no scene {finding.scene_id} any more", is_problem=True)
            return
        scene = dataset.scenes[scene_index]
        if not scene.frames:
            return
        self._arriving = True
        label = finding.labels[0] if finding.labels else None
        frame_key = finding.frame_key if label is None else label.frame_key
        named = None if label is None else (label.label_set_id, label.label_id)
        index = self._session.frame_index if frame_key is None else frame_of(scene, frame_key)
        if index is None:
            self._session.say(f"There is no frame {frame_key} any more", is_problem=True)
            return
        elsewhere = self._session.scene is not scene
        index = 0 if frame_key is None and elsewhere else max(index, 0)
        self._pairs.show(PairPlace(scene_index, index, named, None))
        self._arrive()

    def step(self, count: int) -> None:
        """Look at a following or a former finding of the list."""
        board, listing = self._board, self._board.listing
        if not len(listing):
            self._session.say("No finding is listed")
            return
        row = None if board.current is None else board.row_of(board.current)
        if row is None:
            # What was looked at is mended or dismissed: the next stands in its place.
            last = len(listing) - 1
            wanted = min(board.last_row, last) if count > 0 else min(board.last_row - 1, last)
        else:
            wanted = row + count
        if not 0 <= wanted < len(listing):
            which = "last" if count > 0 else "first"
            self._session.say(f"This is the {which} finding of the list")
            return
        self.show(listing.table.finding(int(listing.rows[wanted])))

    def leave(self) -> None:
        """Look at none."""
        if self._board.current is not None:
            self._board.current = None
            self._board.emit(FindingChosen())

    # -- arriving ----------------------------------------------------------------------------

    def _arrive(self) -> None:
        """Once the frame is there: the camera, the place, the evidence."""
        finding, content = self._board.current, self._session.content
        if finding is None or content is None or not self._is_here(finding):
            return
        if self._arriving:
            self._arriving = False
            self._enlarge(finding)
            box = sought_box(finding)
            if box is not None:
                self._board.emit(PlaceSought(box))
        self._draw()

    def _is_here(self, finding: Finding) -> bool:
        content, session = self._session.content, self._session
        if content is None or content.scene.scene_id != finding.scene_id:
            return False
        if content.index != session.frame_index:
            return False
        label = finding.labels[0] if finding.labels else None
        frame_key = finding.frame_key if label is None else label.frame_key
        return frame_key is None or content.frame.key == frame_key

    def _enlarge(self, finding: Finding) -> None:
        """Show the camera large in which it shows best; give the strip back afterwards."""
        session = self._session
        camera = finding.evidence.camera_id or finding.sensor_id
        known = session.scene is not None and camera in session.scene.camera_ids
        if camera is not None and known:
            self._made_large = camera
            session.set_large_camera(camera)
        elif self._made_large is not None:
            if session.large_camera == self._made_large:
                session.set_large_camera(None)
            self._made_large = None

    def _draw(self) -> None:
        finding, content = self._board.current, self._session.content
        if finding is not None and content is not None and self._is_here(finding):
            ghosts = evidence_ghosts(finding, content, self._session.view)
            self._is_drawn = True
            self._board.emit(EvidenceShown(ghosts, self._lit_of(finding, content)))
        elif self._is_drawn:
            self._is_drawn = False
            self._session.jobs.cancel(LIT_JOB)
            self._board.emit(EvidenceShown(None, None))

    def _lit_of(self, finding: Finding, content: FrameContent) -> LitEvidence | None:
        """What is lit now; points of the cloud follow once they are found."""
        told = lit_evidence(finding)
        if not lights_points(finding):
            return told
        if self._found is None or self._found[:2] != (finding, content):
            self._find_points(finding, content)
            return told
        points = self._found[2]
        if points is None:
            return told
        return LitEvidence(None if told is None else told.trail_m, points)

    def _find_points(self, finding: Finding, content: FrameContent) -> None:
        def keep(points: npt.NDArray[np.float64] | None) -> None:
            self._found = finding, content, points
            if points is not None:
                self._draw()

        self._session.jobs.start(
            LIT_JOB,
            lambda context: lit_points(context, finding, content),
            done=keep,
            # The boxes are drawn all the same.
            failed=lambda _error: keep(None),
            priority=12,
        )

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            self._arrive()
            finding = self._board.current
            if self._is_drawn and (finding is None or not self._is_here(finding)):
                self._draw()
        elif isinstance(change, SceneOpened):
            finding = self._board.current
            scene = self._session.scene
            if finding is not None and scene is not None and scene.scene_id != finding.scene_id:
                self._arriving = False

    def _on_findings_change(self, change: FindingsChange) -> None:
        if isinstance(change, FindingChosen):
            self._draw()


def frame_of(scene: Scene, frame_key: str) -> int | None:
    """Index of a frame by its key."""
    return next((each.index for each in scene.frames if each.key == frame_key), None)


def _scene_index(dataset: Dataset, scene_id: str) -> int | None:
    scenes = enumerate(dataset.scenes)
    return next((place for place, each in scenes if each.scene_id == scene_id), None)
