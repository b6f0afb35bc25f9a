"""Opening, copying, leaving."""

from viewer.ui.actions.base import Action, with_scene

ACTIONS = (
    Action(
        "file.open_folder", "Open folder…", "File",
        lambda c: c.shell.open_dataset_dialog(folder=True), ("Ctrl+O",), "open",
        "A dataset, a drive, or a folder of point clouds",
    ),
    Action(
        "file.open_file", "Open file…", "File",
        lambda c: c.shell.open_dataset_dialog(folder=False), ("Ctrl+Shift+O",),
        tip="A point cloud, an image, or a scene pack",
    ),
    Action(
        "file.paste_path", "Open path from clipboard", "File", lambda c: c.shell.paste_path(),
        ("Ctrl+V",), tip="A path, or a link that was copied from here",
    ),
    Action("file.close", "Close dataset", "File", lambda c: c.session.close(), ("Ctrl+W",),
           enabled=with_scene),
    Action(
        "file.copy_link", "Copy link to this sight", "File", lambda c: c.shell.copy_link(),
        ("U",), "link", "Opens the same scene, frame, label and view again", 1, with_scene,
    ),
    Action(
        "file.copy_view", "Copy picture of 3D view", "File", lambda c: c.shell.copy_picture("3d"),
        ("Ctrl+C",), "copy", group=1, enabled=with_scene,
    ),
    Action(
        "file.copy_camera", "Copy picture of camera", "File",
        lambda c: c.shell.copy_picture("camera"), ("Ctrl+Shift+C",), group=1, enabled=with_scene,
        tip="The large camera, or all of them",
    ),
    Action(
        "file.copy_window", "Copy picture of window", "File",
        lambda c: c.shell.copy_picture("window"), ("Ctrl+Alt+C",), group=1,
    ),
    Action(
        "file.save_view", "Save picture of 3D view…", "File",
        lambda c: c.shell.save_picture("3d"), ("Ctrl+S",), "save", group=2, enabled=with_scene,
    ),
    Action(
        "file.save_camera", "Save picture of camera…", "File",
        lambda c: c.shell.save_picture("camera"), ("Ctrl+Shift+S",), group=2, enabled=with_scene,
    ),
    Action(
        "file.save_window", "Save picture of window…", "File",
        lambda c: c.shell.save_picture("window"), ("Ctrl+Alt+S",), group=2,
    ),
    Action(
        "file.clear_recent", "Clear recent list", "File", lambda c: c.shell.clear_recent(),
        group=3,
    ),
    Action("file.quit", "Quit", "File", lambda c: c.shell.quit(), ("Ctrl+Q",), "quit", group=4),
)  # fmt: skip
