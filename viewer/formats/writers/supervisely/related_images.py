"""The images of a cloud, each with its calibration beside it."""

from collections.abc import Mapping
from typing import Any

from viewer.formats.native.paths import file_stem
from viewer.formats.rigid_matrix import is_rigid
from viewer.formats.supervisely.layout import camera_name
from viewer.formats.writers.cloud_frames import CloudFrames, ImageFile
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import ScenePoses, unique_stems
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.scene import Frame, Scene


class RelatedImages:
    """Calibration is taken between the image's time and the cloud's, as the car moved between."""

    def __init__(
        self,
        scene: Scene,
        clouds: CloudFrames,
        poses: ScenePoses,
        names: Mapping[str, str],
        losses: LossLog,
    ) -> None:
        self._scene = scene
        self._clouds = clouds
        self._poses = poses
        self._names = names
        self._losses = losses

    def files(self, frame: Frame, stem: str) -> list[tuple[str, bytes, dict[str, Any]]]:
        """Return name, bytes and description of each image of a frame."""
        found = []
        for image in self._clouds.images(frame):
            where = f"{self._scene.scene_id}/{image.sensor_id}"
            name = self._names[image.sensor_id]
            if camera_name(name, stem) != image.sensor_id:
                why = f"images are named without the cloud's name; becomes {name}"
                self._losses.add("name of a sensor", where, why)
            if image.timestamp_ns != frame.timestamp_ns:
                self._losses.add("time of an image", where, "all of a frame share one time")
            meta: dict[str, Any] = {"deviceId": image.sensor_id}
            matrices = self._matrices(frame, image, where)
            if matrices is not None:
                meta["sensorsData"] = matrices
            file_name = f"{name}{image.suffix}"
            found.append((file_name, image.data, {"name": file_name, "meta": meta}))
        return found

    def _matrices(self, frame: Frame, image: ImageFile, where: str) -> dict[str, Any] | None:
        rig = self._poses.rig(frame)
        camera = rig.cameras.get(image.sensor_id) if rig is not None else None
        if rig is None or camera is None or camera.model is None:
            return None
        lens = camera.model
        if not isinstance(lens, Pinhole):
            why = f"is {lens.name}; only pinholes have a place, the images come without calibration"
            self._losses.add("lens", where, why)
            return None
        cloud, cloud_ns = self._clouds.place(frame)
        try:
            matrix = rig.camera_from(camera, cloud, image.timestamp_ns, cloud_ns)
        except TransformTreeError as error:
            self._losses.add("pose of a sensor", where, str(error))
            return None
        if not is_rigid(matrix):
            self._losses.add("matrix of a camera", where, "is no rotation and a translation")
            return None
        return {
            "extrinsicMatrix": matrix[:3].ravel().tolist(),
            "intrinsicMatrix": [lens.fx, 0.0, lens.cx, 0.0, lens.fy, lens.cy, 0.0, 0.0, 1.0],
        }


def image_names(scene: Scene) -> dict[str, str]:
    """Return the name of the images of each camera."""
    sensor_ids = list(scene.camera_ids)
    names = unique_stems([file_stem(sensor_id) for sensor_id in sensor_ids])
    return dict(zip(sensor_ids, names, strict=True))
