"""Colours of classes as 3D and images have them."""

from PySide6.QtGui import QColor

from viewer.session.compare_desk import CompareDesk


def class_colours(desk: CompareDesk) -> dict[str, QColor]:
    """Colours by class name, as the shown scene's class map has them."""
    scene, found = desk.session.scene, desk.found
    if scene is None or found is None:
        return {}
    return {name: QColor(*scene.class_map.colour(name)) for name in found.class_names}
