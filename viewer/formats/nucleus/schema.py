"""What stands in Nucleus payloads."""

from typing import Any

from msgspec import Raw, Struct

POINT_CLOUD = "pointcloud"
IMAGE = "image"
MASK_TYPES = ("mask", "segmentation")
CATEGORY_TYPES = ("category", "multicategory")
_URL_KEYS = ("url", "image_url", "pointcloud_url", "image_location", "pointcloud_location")
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


class Item(Struct):
    """One image or point cloud; keys of uploads, exports and the client's own fixtures."""

    reference_id: str | None = None
    ref_id: str | None = None
    dataset_item_id: str | None = None
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


class TrackRecord(Struct):
    """What a scene says of one of its tracks."""

    reference_id: str
    metadata: dict[str, Any] | None = None


class SceneRecord(Struct):
    """One lidar or video scene; frames and tracks stay undecoded until each is checked."""

    reference_id: str
    frames: list[Raw] = []
    metadata: dict[str, Any] | None = None
    tracks: list[Raw] | None = None
    frame_rate: float | None = None
    video_url: str | None = None
    video_location: str | None = None


class SegmentName(Struct, gc=False):
    """The class of one value of a mask."""

    label: str | None = None


class AnnotationHead(Struct, gc=False):
    """The part of an annotation that says what it belongs to."""

    reference_id: str | None = None
    dataset_item_id: str | None = None
    label: str | None = None
    labels: list[str] | None = None
    type: str | None = None
    annotations: list[SegmentName] | None = None
    mask_url: str | None = None


class Segment(Struct):
    """One value of a mask and its class; the value may stand as a text."""

    label: str | None = None
    index: int | str | None = None
    metadata: dict[str, Any] | None = None


class Annotation(Struct):
    """One annotation or prediction of any kind."""

    reference_id: str | None = None
    dataset_item_id: str | None = None
    label: str | None = None
    labels: list[str] | None = None
    type: str | None = None
    geometry: dict[str, Any] | None = None
    annotation_id: str | None = None
    metadata: dict[str, Any] | None = None
    track_reference_id: str | None = None
    confidence: float | None = None
    class_pdf: dict[str, float] | None = None
    taxonomy_name: str | None = None
    annotations: list[Segment] | None = None
    mask_url: str | None = None

    @property
    def kind(self) -> str:
        """Type; without one, what the client takes it for."""
        return self.type or "segmentation"


class Taxonomy(Struct):
    """The labels that categories of one name may have."""

    taxonomy_name: str
    labels: list[str]
    type: str | None = None
    update: bool = False


class SliceRecord(Struct):
    """A named subset of items or scenes."""

    name: str | int
    reference_ids: list[str] = []
    slice_id: str | None = None
    type: str | None = None


class SchemaField(Struct):
    """What a dataset says of one key of metadata."""

    type: str
    choices: list[str] | None = None
    description: str | None = None


class DatasetRecord(Struct):
    """What a dataset says of itself."""

    dataset_id: str | None = None
    name: str | None = None
    item_metadata_schema: dict[str, SchemaField] | None = None
    annotation_metadata_schema: dict[str, SchemaField] | None = None
