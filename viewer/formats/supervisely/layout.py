"""Which files of a Supervisely dataset belong to which point cloud."""

from pathlib import Path

from viewer.formats.folder_index import files_by_stem, has_file, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.point_folder.layout import CLOUD_SUFFIXES, PointFolder

CLOUDS, ANNOTATIONS, RELATED = "pointcloud", "ann", "related_images"
MAX_NAMED_CAMERAS = 32


def dataset_folders(root: Path) -> tuple[Path, ...]:
    """Return the folders of a project that are datasets with annotations."""
    return tuple(
        folder
        for folder in subfolders(root)
        if has_file(folder / CLOUDS, CLOUD_SUFFIXES) and (folder / ANNOTATIONS).is_dir()
    )


def list_dataset(folder: Path) -> PointFolder:
    """Return the clouds and the images of one dataset.

    The images of ``NAME.pcd`` lie in ``related_images/NAME_pcd``. A camera is called as its image
    without the cloud's name; where that gives too many names, cameras are numbered in order.
    """
    clouds = files_by_stem(folder / CLOUDS, CLOUD_SUFFIXES)
    by_key: dict[str, dict[str, tuple[str, Path]]] = {}
    related = {each.name: each for each in subfolders(folder / RELATED)}
    for key in clouds:
        own = related.get(clouds.name(key).replace(".", "_"))
        if own is None:
            continue
        files = files_by_stem(own, IMAGE_SUFFIXES)
        by_key[key] = {
            camera_name(stem, key): (stem, path) for stem, path in files.items()
        }  # fmt: skip
    names = {name for images in by_key.values() for name in images}
    images: dict[str, dict[str, tuple[str, Path]]] = {}
    for key, found in by_key.items():
        for index, (name, file) in enumerate(found.items()):
            sensor_id = name if len(names) <= MAX_NAMED_CAMERAS else f"camera {index + 1}"
            images.setdefault(sensor_id, {})[key] = file
    return PointFolder(folder, tuple(clouds), {CLOUDS: clouds}, dict(sorted(images.items())))


def camera_name(stem: str, key: str) -> str:
    """Return what is left of an image's name without the cloud's."""
    return stem.replace(key, "").strip("_- .") or stem
