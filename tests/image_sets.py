"""Small data sets of the three image formats, written by hand from their descriptions."""

import json

import numpy as np
from PIL import Image


def picture(path, width=64, height=40):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), 90, np.uint8)).save(path)


def coco(root):
    for name in ("a.png", "b.png"):
        picture(root / "images" / name)
    document = {
        "info": {"year": 2024},
        "licenses": [],
        "images": [
            {"id": 7, "file_name": "a.png", "width": 64, "height": 40, "extra": {"kept": 1}},
            {"id": 9, "file_name": "b.png", "width": 64, "height": 40},
        ],
        "categories": [
            {"id": 3, "name": "car", "supercategory": "vehicle"},
            {"id": 1, "name": "person", "supercategory": "person",
             "keypoints": ["head", "hand", "foot"], "skeleton": [[1, 2], [2, 3]]},
        ],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [10.5, 4, 20, 8.25], "area": 165,
             "iscrowd": 0, "segmentation": [], "mine": [1]},
            {"id": 2, "image_id": 9, "category_id": 3, "bbox": [1, 2, 10, 6], "iscrowd": 0,
             "segmentation": [[1, 2, 11, 2, 11, 8], [3, 3, 4, 3, 4, 4]]},
            {"id": 3, "image_id": 7, "category_id": 3, "bbox": [2, 0, 1, 2], "iscrowd": 1,
             "segmentation": {"size": [4, 3], "counts": [8, 2, 2]}},
            {"id": 4, "image_id": 7, "category_id": 1, "bbox": [0, 0, 30, 30], "num_keypoints": 2,
             "keypoints": [5, 6, 2, 9, 8, 1, 0, 0, 0], "iscrowd": 0},
            {"id": 5, "image_id": 9, "category_id": 3, "bbox": [], "segmentation": []},
        ],
    }  # fmt: skip
    folder = root / "annotations"
    folder.mkdir()
    (folder / "instances.json").write_text(json.dumps(document))
    results = [{"image_id": 9, "category_id": 3, "bbox": [1, 1, 5, 5], "score": 0.75}]
    (folder / "results.json").write_text(json.dumps(results))
    return root


def yolo(root):
    for name in ("a.png", "b.png"):
        picture(root / "images" / "train" / name, 100, 50)
    folder = root / "labels" / "train"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("1 0.5 0.5 0.2 0.4\n0 0.1 0.1 0.3 0.1 0.3 0.5 0.2 0.6 0.1 0.4\n")
    (folder / "b.txt").write_text("0 0.25 0.5 0.1 0.2 0.5\n")
    (root / "data.yaml").write_text("train: images/train\nnc: 2\nnames: [cat, dog]\n")
    return root


VOC_XML = """<annotation>
  <folder>JPEGImages</folder><filename>a.png</filename>
  <size><width>64</width><height>40</height><depth>3</depth></size>
  <object><name>person</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
    <bndbox><xmin>5</xmin><ymin>6.5</ymin><xmax>25</xmax><ymax>30</ymax></bndbox>
    <part><name>head</name>
      <bndbox><xmin>7</xmin><ymin>7</ymin><xmax>12</xmax><ymax>12</ymax></bndbox></part>
  </object>
  <object><name>tree</name>
    <polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>2</y2><x3>9</x3><y3>8</y3></polygon></object>
  <object><name>ship</name><robndbox><cx>20</cx><cy>20</cy><w>10</w><h>4</h><angle>0.5</angle>
    </robndbox></object>
</annotation>
"""


def pascal_voc(root):
    picture(root / "JPEGImages" / "a.png")
    (root / "Annotations").mkdir()
    (root / "Annotations" / "a.xml").write_text(VOC_XML)
    return root
