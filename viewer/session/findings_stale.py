"""Whether what checks said still holds: labels are edited, and datasets grow, afterwards."""


class Staleness:
    """Remembers what changed since scenes, or the dataset, were checked."""

    def __init__(self) -> None:
        self.of_dataset = False
        """Whether all scenes were checked together."""
        self._edited = False
        self._grown: set[str] = set()

    @property
    def text(self) -> str:
        """What changed since, for people; empty where everything holds."""
        if self._edited:
            return "Labels were edited since the dataset was checked."
        if self._grown:
            what = "the dataset was" if self.of_dataset else "its scene was"
            return f"More of the dataset is known than when {what} checked."
        return ""

    def edited(self) -> None:
        """Labels changed: what all scenes together said is of before."""
        self._edited = self.of_dataset

    def grown(self, scene_ids: set[str]) -> None:
        """More of the dataset is indexed than when these scenes were checked."""
        self._grown |= scene_ids

    def scene_checked(self, scene_id: str) -> None:
        """One scene was checked alone."""
        self._grown.discard(scene_id)

    def dataset_asked(self) -> None:
        """All scenes are being checked, as they are now."""
        self.of_dataset, self._edited = True, False
        self._grown.clear()

    def forget(self) -> None:
        """Another dataset is open."""
        self.of_dataset = self._edited = False
        self._grown.clear()
