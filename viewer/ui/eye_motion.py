"""How the eye moves over time: easing to a place, flying by keys, coming to rest."""

import time
from collections.abc import Callable
from types import MappingProxyType

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.render.eye import Eye, blend_states
from viewer.render.eye_presets import EyeState

_REST_MS = 160
_STEP_MS = 16
_EASE_S = 0.15
_LONGEST_STEP_S = 0.1

FLY_KEYS = MappingProxyType(
    {
        Qt.Key.Key_W: (0.0, 0.0, 1.0),
        Qt.Key.Key_S: (0.0, 0.0, -1.0),
        Qt.Key.Key_A: (-1.0, 0.0, 0.0),
        Qt.Key.Key_D: (1.0, 0.0, 0.0),
        Qt.Key.Key_E: (0.0, 1.0, 0.0),
        Qt.Key.Key_Q: (0.0, -1.0, 0.0),
    }
)
"""Keys held while flying: to the right, up, ahead."""


class EyeMotion(QObject):
    """Moves an eye step by step and says when it has come to rest."""

    moved = Signal()
    """It moved the eye."""
    rested = Signal()
    """Nothing has moved the eye for a moment."""

    def __init__(self, eye: Eye, parent: QObject) -> None:
        super().__init__(parent)
        self._eye = eye
        self._keys: set[Qt.Key] = set()
        self._speed_mps = 1.0
        self._last_s = 0.0
        self._ease: tuple[EyeState, EyeState, float] | None = None
        self._rest_timer = self._timer(_REST_MS, self._rest, single=True)
        self._fly_timer = self._timer(_STEP_MS, self._fly_on)
        self._ease_timer = self._timer(_STEP_MS, self._ease_on)

    def _timer(self, interval_ms: int, call: Callable[[], None], *, single: bool = False) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.setSingleShot(single)
        timer.timeout.connect(call)
        return timer

    @property
    def is_moving(self) -> bool:
        """True until the eye has come to rest."""
        return self._rest_timer.isActive()

    @property
    def is_easing(self) -> bool:
        """True on the way to a place."""
        return self._ease is not None

    @property
    def is_flying(self) -> bool:
        """True while a flying key is held."""
        return bool(self._keys)

    def keep_moving(self) -> None:
        """Put off the rest: something moved the eye."""
        self._rest_timer.start()

    def _rest(self) -> None:
        if self.is_easing or self.is_flying:
            self._rest_timer.start()
        else:
            self.rested.emit()

    def stop(self) -> None:
        """End every motion where it is."""
        self.stop_easing()
        self.stop_flying()
        self._rest_timer.stop()

    # -- easing ------------------------------------------------------------------------------

    def ease_to(self, go: Callable[[], object]) -> None:
        """Ease to where `go` puts the eye, in at most 150 ms."""
        start = self._eye.current
        go()
        end = self._eye.current
        if start == end:
            return
        self._ease = (start, end, time.perf_counter())
        self._eye.current = start
        self._ease_timer.start()

    def stop_easing(self) -> None:
        """Stay where the eye is on the way."""
        self._ease = None
        self._ease_timer.stop()

    def _ease_on(self) -> None:
        if self._ease is None:
            self._ease_timer.stop()
            return
        start, end, begun = self._ease
        amount = (time.perf_counter() - begun) / _EASE_S
        self._eye.current = blend_states(start, end, amount)
        if amount >= 1.0:
            self.stop_easing()
        self.moved.emit()

    # -- flying ------------------------------------------------------------------------------

    def set_fly_speed(self, metres_per_s: float) -> None:
        """How fast the keys move the eye."""
        self._speed_mps = metres_per_s

    def press(self, key: Qt.Key) -> None:
        """A flying key went down."""
        self._keys.add(key)
        if not self._fly_timer.isActive():
            self._last_s = time.perf_counter()
            self._fly_timer.start()

    def release(self, key: int) -> None:
        """A key went up."""
        self._keys -= {held for held in self._keys if held == key}

    def stop_flying(self) -> None:
        """Let go of all keys."""
        self._keys.clear()
        self._fly_timer.stop()

    def _fly_on(self) -> None:
        if not self._keys:
            self._fly_timer.stop()
            return
        now = time.perf_counter()
        step_m = self._speed_mps * min(_LONGEST_STEP_S, now - self._last_s)
        self._last_s = now
        right, up, ahead = (sum(FLY_KEYS[key][axis] for key in self._keys) for axis in range(3))
        self._eye.fly(right * step_m, up * step_m, ahead * step_m)
        self.moved.emit()
