"""What stands in Nucleus payloads."""

from typing import Any

from msgspec import Raw, Struct

POINT_CLOUD = "pointcloud"
IMAGE = "image"
MASK_TYPES = ("mask", "segmentation")
_URL_KEYS = ("url", "image_url", "pointcloud_url", "image_location", "pointcloud_location")
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


class Item(Struct):
    """One image or point cloud; keys of uploads, exports and the client's own fixtures."""

    reference_id: str | None = None
    ref_id: str | None = None
    type: str | None = None
    url: str | None = None
    image_url: str | None = None
    pointcloud_url: str | None = None
    image_location: str | None = None
    pointcloud_location: str | None = None
    processed_url: str | None = None
    original_image_url: str | None = None
    width: float | None = None
    height: float | None = None
    metadata: Raw = Raw()
    camera_params: Raw = Raw()

    @property
    def item_id(self) -> str:
        """Name that annotations use; empty without one."""
        return self.reference_id or self.ref_id or ""

    @property
    def source(self) -> str | None:
        """Address of the data."""
        given = (getattr(self, key) for key in _URL_KEYS)
        first = next((url for url in given if url), None)
        return first or self.processed_url or self.original_image_url

    @property
    def kind(self) -> str:
        """`POINT_CLOUD` or `IMAGE`: what the type says, else the key or the ending of the URL."""
        if self.type in (POINT_CLOUD, IMAGE):
            return self.type
        if self.pointcloud_url or self.pointcloud_location:
            return POINT_CLOUD
        if self.image_url or self.image_location or self.original_image_url:
            return IMAGE
        name = (self.source or "").lower().split("?", 1)[0]
        return IMAGE if name.endswith(_IMAGE_SUFFIXES) or len(self.camera_params) else POINT_CLOUD


class SceneRecord(Struct):
    """One lidar scene; items stay undecoded until they are checked one by one."""

    reference_id: str
    frames: list[dict[str, Raw]] = []
    metadata: dict[str, Any] | None = None


class AnnotationHead(Struct, gc=False):
    """The part of an annotation that says what it belongs to."""

    reference_id: str
    label: str | None = None
    type: str | None = None


class Annotation(Struct):
    """One annotation or prediction of any kind."""

    reference_id: str
    label: str | None = None
    type: str | None = None
    geometry: dict[str, Any] | None = None
    annotation_id: str | None = None
    metadata: dict[str, Any] | None = None
    track_reference_id: str | None = None
    confidence: float | None = None
    class_pdf: dict[str, float] | None = None
    taxonomy_name: str | None = None
    annotations: Raw = Raw()
    mask_url: str | None = None
