"""Small pictures that a workspace keeps, by the hash of their bytes."""

import hashlib

MAX_PICTURE_BYTES = 512 * 1024
"""A hundred thousand issues have one each; more than a thumbnail belongs elsewhere."""
_PNG_HEAD, _PNG_TAIL = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_JPEG_HEAD, _JPEG_TAIL = b"\xff\xd8\xff", b"\xff\xd9"


def picture_hash(content: bytes) -> str:
    """Return 32 hex digits that stand for a picture."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def media_type(content: bytes) -> str | None:
    """Return ``image/png`` or ``image/jpeg``, by first and last bytes; None for anything else."""
    if content.startswith(_PNG_HEAD) and content.endswith(_PNG_TAIL):
        return "image/png"
    if content.startswith(_JPEG_HEAD) and content.endswith(_JPEG_TAIL):
        return "image/jpeg"
    return None


def what_is_wrong(content: bytes) -> str | None:
    """Say why bytes cannot be kept as a picture; None when they can."""
    if len(content) > MAX_PICTURE_BYTES:
        size, most = len(content) // 1024, MAX_PICTURE_BYTES // 1024
        return f"the picture has {size} KiB; at most {most} KiB are kept"
    if media_type(content) is None:
        return "the picture is neither a whole JPEG nor a whole PNG"
    return None
