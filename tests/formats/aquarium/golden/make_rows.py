"""Makes the rows beside this file with the vendor's own classes; see README.md."""

import json
from pathlib import Path

import aquariumlearning as al

HERE = Path(__file__).parent
DATE = "2021-06-01T12:00:0{}+00:00"


def labelled_frame(index: int) -> al.LabeledFrame:
    """Lidar 1.8 m over the world, a camera before it, one label of each common kind."""
    date = DATE.format(index)
    frame = al.LabeledFrame(frame_id=f"f{index}", date_captured=date, device_id="truck1")
    frame.add_user_metadata("sequence_id", "drive")
    frame.add_user_metadata("weather", "rain")
    frame.add_user_metadata_list("speeds", [1.0, 2.5])
    frame.add_geo_latlong_data(37.5, -122.25)
    frame.add_coordinate_frame_3d(
        coord_frame_id="lidar",
        position={"x": 0.5, "y": 0.0, "z": 1.8},
        orientation={"w": 1.0, "x": 0.0, "y": 0.0, "z": 0.0},
    )
    frame.add_coordinate_frame_2d(
        coord_frame_id="cam0_proj",
        fx=100.0,
        fy=101.0,
        camera_model="brown_conrady",
        position={"x": 1.0, "y": 0.0, "z": -0.3},
        orientation={"w": 0.5, "x": -0.5, "y": 0.5, "z": -0.5},
        cx=64.0,
        cy=36.0,
        k1=-0.125,
        p2=0.001,
        parent_frame_id="lidar",
    )
    url = f"pointclouds/drive/top/{index:06d}.pcd"
    frame.add_point_cloud_pcd(
        sensor_id="top", pcd_url=url, coord_frame_id="lidar", date_captured=date
    )
    frame.add_image(
        sensor_id="cam0",
        image_url=f"images/drive/cam0/{index:06d}.png",
        coord_frame_id="cam0_proj",
        date_captured=date,
        width=128,
        height=72,
    )
    add_labels(frame, index)
    return frame


def add_labels(frame: al.LabeledFrame, index: int) -> None:
    """One label of each common kind."""
    frame.add_label_3d_cuboid(
        label_id=f"c{index}",
        classification="car",
        position=[10.0 + index, 2.0, 0.75],
        dimensions=[4.0, 2.0, 1.5],
        rotation=[0.0, 0.0, 0.6, 0.8],
        iscrowd=False,
        user_attrs={"occluded": True, "track_id": "t1"},
        links={"trailer": f"b{index}"},
        coord_frame_id="world",
    )
    frame.add_label_2d_bbox(
        label_id=f"b{index}",
        sensor_id="cam0",
        classification="car",
        top=1.0,
        left=2.0,
        width=30.0,
        height=4.5,
        iscrowd=False,
        user_attrs={},
        links={},
    )
    frame.add_label_2d_polygon_list(
        label_id=f"p{index}",
        sensor_id="cam0",
        classification="road",
        polygons=[{"vertices": [[0.0, 0.0], [9.0, 0.0], [9.0, 7.5]]}],
    )
    frame.add_label_2d_keypoints(
        label_id=f"k{index}",
        sensor_id="cam0",
        classification="car",
        keypoints=[{"x": 3.0, "y": 4.0, "name": "wheel"}],
    )
    frame.add_label_2d_classification(label_id=f"w{index}", sensor_id="cam0", classification="road")


def inferences(index: int) -> al.InferencesFrame:
    """One cuboid with a confidence."""
    frame = al.InferencesFrame(frame_id=f"f{index}")
    frame.add_inference_3d_cuboid(
        label_id=f"i{index}",
        classification="car",
        position=[10.5, 2.0, 0.75],
        dimensions=[4.0, 2.0, 1.5],
        rotation=[0.0, 0.0, 0.6, 0.8],
        iscrowd=False,
        user_attrs={},
        links={},
        confidence=0.875,
        coord_frame_id="world",
    )
    return frame


def main() -> None:
    """Write frames, labels, inferences and a project."""
    frames = [labelled_frame(index) for index in range(2)]
    write("frames.jsonl", [frame.to_dict() for frame in frames])
    write("labels.jsonl", [frame._labels.to_dict() for frame in frames])
    write("detector.jsonl", [inferences(index).to_dict() for index in range(2)])
    entries = [
        al.ClassMapEntry(name="car", class_id=3, color=[10, 20, 30], train_color=[40, 50, 60]),
        al.ClassMapEntry(name="road", class_id=5, color=[1, 2, 3], ignore_in_eval=True),
    ]
    project = {"project_id": "drive", "label_class_map": [entry.to_dict() for entry in entries]}
    (HERE / "project.json").write_text(json.dumps(project, indent=1) + "\n")


def write(name: str, rows: list[dict]) -> None:
    """Write one row a line."""
    (HERE / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
