"""`sightline formats`: what can be opened."""

import json
from typing import Annotated

import typer


def run(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the dataset layouts and point-cloud files that can be opened."""
    from viewer.formats.catalog import all_formats
    from viewer.formats.points.catalog import POINT_FORMATS

    datasets = [{"name": f.name, "title": f.title} for f in all_formats()]
    points = [
        {"name": f.name, "title": f.title, "suffixes": list(f.suffixes)} for f in POINT_FORMATS
    ]
    if as_json:
        print(json.dumps({"datasets": datasets, "point_clouds": points}, indent=2))
        return
    print("Datasets and scenes")
    for entry in datasets:
        print(f"  {entry['name']:<16} {entry['title']}")
    print("Point clouds")
    for file_kind in points:
        print(
            f"  {file_kind['name']:<16} {file_kind['title']:<24} {' '.join(file_kind['suffixes'])}"
        )
