"""Names for lists are where files are found."""

from pathlib import Path

import pytest

from viewer.formats.data_urls import DataPlaces, PlaceNames, UnmappedUrl

URLS = (
    "a/b.png", "a/c.png", "./a/d.png", "e.png", "a%20b/c.png", "a/b%2fc.png", "a//b.png",
    "s3://bucket/x/b.png", "s3://bucket/x/c.png", "s3://other/b.png", "../b.png", "a/../b.png",
    "/etc/passwd", "file:///etc/passwd", "a\\b.png", "a/", "..", "a/..", "a/b.png?x=/y",
)  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_names_are_those_that_are_found(tmp_path, order):
    places = DataPlaces(tmp_path)
    names = PlaceNames(places)
    manifest = tmp_path / "labels" / "frames.jsonl"
    for url in (*URLS[::order], *URLS):
        assert outcome(lambda u=url: str(places.find(u, manifest.parent))) == outcome(
            lambda u=url: names.name(u, manifest)
        )


def outcome(find):
    try:
        return str(Path(find()))
    except UnmappedUrl as unmapped:
        return unmapped.url, unmapped.place, unmapped.reason
