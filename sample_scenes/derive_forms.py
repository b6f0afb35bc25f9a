"""Makes other forms of the street scene: a KITTI raw drive and a scene pack, in the user's cache.

``python -m sample_scenes.derive_forms [--into FOLDER]``; does nothing where they are up to date.
"""

import argparse
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs

import viewer
from sample_scenes.kitti_form import write_kitti_raw
from viewer.formats.catalog import open_dataset
from viewer.formats.native.schema import MANIFEST_NAME
from viewer.formats.scene_pack.writer import write_scene_pack
from viewer.progress import JobContext
from viewer.scene.scene import Scene

STREET = Path(__file__).parent / "street"
KITTI_NAME = "kitti_raw"
PACK_NAME = "street.h5"
STAMP_NAME = "made_from.txt"
FORM_VERSION = "2"


def samples_folder() -> Path:
    """Where the derived forms live."""
    return Path(platformdirs.user_cache_dir("sightline")) / "samples"


def derive_forms(folder: Path, source: Path = STREET) -> bool:
    """Make both forms of a native scene in a folder; False when they were up to date already."""
    stamp = folder / STAMP_NAME
    wanted = fingerprint(source)
    complete = (folder / KITTI_NAME).is_dir() and (folder / PACK_NAME).is_file()
    if complete and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    dataset = open_dataset(source)
    try:
        _derive(dataset.scenes[0], folder)
    finally:
        dataset.close()
    stamp.write_text(wanted, encoding="utf-8")
    return True


def _derive(scene: Scene, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".draft-") as name:
        draft = Path(name)
        write_kitti_raw(scene, draft / KITTI_NAME, JobContext())
        write_scene_pack(scene, draft / PACK_NAME, JobContext())
        shutil.rmtree(folder / KITTI_NAME, ignore_errors=True)
        (draft / KITTI_NAME).rename(folder / KITTI_NAME)
        (draft / PACK_NAME).replace(folder / PACK_NAME)


def fingerprint(source: Path) -> str:
    """Return what the forms depend on: the program, and names and sizes of the scene's files."""
    digest = hashlib.sha256(f"{viewer.__version__} {FORM_VERSION}".encode())
    digest.update((source / MANIFEST_NAME).read_bytes())
    for path in sorted(source.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(source).as_posix()} {path.stat().st_size}\n".encode())
    for path in sorted((source / "labels").glob("*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the forms unless they are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=samples_folder(), help="folder of the forms")
    folder = parser.parse_args(arguments).into
    made = derive_forms(folder)
    print(f"{folder}: {'made' if made else 'up to date'}")


if __name__ == "__main__":
    main()
