import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import LensDescription, RefusedLens
from viewer.formats.calibration.catalog import read_calibration
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.mei import Mei
from viewer.geometry.cameras.pinhole import Pinhole


def by_name(path: Path):
    return {camera.camera_id: camera for camera in read_calibration(path)}


REAL = {
    "fisheye_surround_Front": ("scenes/fisheye_surround/fisheye_calib.json", "Front"),
    "fisheye_surround_Left": ("scenes/fisheye_surround/fisheye_calib.json", "Left"),
    "pandaset_back_camera": ("calib/pandaset_static_extrinsic_calibration.yaml", "back_camera"),
    "pandaset_front_camera": ("calib/pandaset_static_extrinsic_calibration.yaml", "front_camera"),
    "tum_s110_camera_basler_south1_8mm": (
        "calib/s110_camera_basler_south1_8mm.json",
        "s110_camera_basler_south1_8mm",
    ),
    "azure_kinect_color_calib": ("calib/azure_kinect_color_calib.yml", ""),
    "azure_kinect_calib_ir": ("calib/azure_kinect_calib_ir.yml", ""),
    "kalibr_tum_vi_cam0": ("calib/kalibr/tum_vi.yaml", "cam0"),
    "kalibr_tum_vi_cam1": ("calib/kalibr/tum_vi.yaml", "cam1"),
    "kalibr_euroc_mav_cam0": ("calib/kalibr/euroc_mav.yaml", "cam0"),
    "kalibr_euroc_mav_cam1": ("calib/kalibr/euroc_mav.yaml", "cam1"),
    "ros_ost": ("calib/ros_ost.yaml", "narrow_stereo"),
    "kimera_D455_left": ("calib/kimera_D455_left.yaml", "left_cam"),
    "sensorscalib_1": ("scenes/sensorscalib_l2c_1/calib.txt", ""),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_project_as_opencv_does(real_data: Path, name: str) -> None:
    oracle = json.loads((real_data / "oracles" / "projection_expected.json").read_text())
    truth = next(camera for camera in oracle["cameras"] if camera["name"] == name)
    file, camera_id = REAL[name]
    description = by_name(real_data / file)[camera_id]
    lens = description.lens.lens(truth["width"], truth["height"])
    parameters = lens.parameters()
    intrinsic = np.array(truth["K"])
    assert [parameters[key] for key in ("fx", "fy", "cx", "cy")] == [
        intrinsic[0, 0],
        intrinsic[1, 1],
        intrinsic[0, 2],
        intrinsic[1, 2],
    ]
    points = np.random.default_rng(0).uniform([-1, -0.6, 3], [1, 0.6, 9], (200, 3))
    if isinstance(lens, Fisheye):
        expected, _ = cv2.fisheye.projectPoints(
            points[:, None], np.zeros(3), np.zeros(3), intrinsic, np.array(truth["D"])
        )
    else:
        assert isinstance(lens, BrownConrady)
        expected, _ = cv2.projectPoints(
            points, np.zeros(3), np.zeros(3), intrinsic, np.array(truth["D"])
        )
    got = lens.project(points)
    assert got.valid.all()
    np.testing.assert_allclose(got.pixels, expected[:, 0], atol=1e-6)


def test_ost_text_and_yaml_are_the_same_camera(real_data: Path) -> None:
    text = by_name(real_data / "calib/ros_ost.txt")["narrow_stereo"].lens
    yaml = by_name(real_data / "calib/ros_ost.yaml")["narrow_stereo"].lens
    assert text.lens(964, 724) == yaml.lens(964, 724)


def test_double_sphere_is_refused_by_name(real_data: Path) -> None:
    for camera in read_calibration(real_data / "calib/basalt_euroc_ds_calib.json"):
        assert (camera.lens.width_px, camera.lens.height_px) == (752, 480)
        with pytest.raises(RefusedLens, match="double sphere"):
            camera.lens.lens(752, 480)


def test_woodscape_is_refused_by_name(real_data: Path) -> None:
    (camera,) = read_calibration(real_data / "calib/woodscape/00000_FV.json")
    with pytest.raises(RefusedLens, match="WoodScape"):
        camera.lens.lens(1280, 966)


@pytest.mark.parametrize(
    ("text", "suffix", "said"),
    [
        (
            "cam0:\n  camera_model: eucm\n  intrinsics: [0.5, 1, 2, 3, 4, 5]\n",
            ".yaml",
            "EUCM",
        ),
        (
            "cam0:\n  camera_model: omni\n  distortion_model: equidistant\n"
            "  intrinsics: [1, 2, 3, 4, 5]\n",
            ".yaml",
            "omni-equidistant",
        ),
        ("cam0:\n  camera_model: ds\n  intrinsics: [1, 2, 3, 4, 5, 6]\n", ".yaml", "double sphere"),
        (
            "cam0:\n  camera_model: pinhole\n  distortion_model: fov\n  intrinsics: [9, 9, 4, 4]\n"
            "  distortion_coeffs: [0.9]\n",
            ".yaml",
            "FOV",
        ),
        (
            "%YAML:1.0\n---\nmodel_type: SCARAMUZZA\ncamera_name: a\nimage_width: 1400\n"
            "image_height: 1400\n",
            ".yaml",
            "OCam",
        ),
        ("#polynomial coefficients for the DIRECT mapping function\n\n5 -1\n", ".txt", "OCam"),
        (
            '{"value0": {"T_imu_cam": [], "resolution": [[7, 8]],'
            ' "intrinsics": [{"camera_type": "ucm", "intrinsics": {}}]}}',
            ".json",
            "UCM",
        ),
        (
            "cam0:\n  camera_model: pinhole\n  distortion_model: wavy\n"
            "  intrinsics: [9, 9, 4, 4]\n",
            ".yaml",
            "'wavy'",
        ),
    ],
)
def test_other_lens_models_are_refused_by_name(
    tmp_path: Path, text: str, suffix: str, said: str
) -> None:
    path = tmp_path / f"calibration{suffix}"
    path.write_text(text)
    (camera,) = read_calibration(path)
    with pytest.raises(RefusedLens, match=said):
        camera.lens.lens(640, 480)


def test_camodocal_fisheye_counts_from_k2(tmp_path: Path) -> None:
    path = tmp_path / "cam.yaml"
    path.write_text(
        "%YAML:1.0\n---\nmodel_type: KANNALA_BRANDT\ncamera_name: left\nimage_width: 640\n"
        "image_height: 480\nprojection_parameters:\n   k2: 0.1\n   k3: 0.02\n   k4: 0.003\n"
        "   k5: 0.0004\n   mu: 300.\n   mv: 301.\n   u0: 320.\n   v0: 240.\n"
    )
    (camera,) = read_calibration(path)
    lens = camera.lens.lens(640, 480)
    assert lens == Fisheye(
        640, 480, fx=300, fy=301, cx=320, cy=240, k1=0.1, k2=0.02, k3=0.003, k4=0.0004
    )


MEI_YAML = (
    "%YAML:1.0\n---\nmodel_type: MEI\ncamera_name: image_02\nimage_width: 1400\n"
    "image_height: 1400\nmirror_parameters:\n   xi: 2.25\ndistortion_parameters:\n   k1: 0.016\n"
    "   k2: 1.65\n   p1: 0.0004\n   p2: 0.0003\nprojection_parameters:\n   gamma1: 1336.25\n"
    "   gamma2: 1335.75\n   u0: 716.5\n   v0: 705.5\n"
)


def test_camodocal_mei_opens(tmp_path: Path) -> None:
    """The shape of KITTI-360's fisheye calibration."""
    path = tmp_path / "image_02.yaml"
    path.write_text(MEI_YAML)
    (camera,) = read_calibration(path)
    assert camera.camera_id == "image_02"
    assert camera.lens.lens(1400, 1400) == Mei(
        1400, 1400, fx=1336.25, fy=1335.75, cx=716.5, cy=705.5, xi=2.25, k1=0.016, k2=1.65,
        p1=0.0004, p2=0.0003,
    )  # fmt: skip


def test_camodocal_mei_without_its_mirror_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "image_02.yaml"
    path.write_text(MEI_YAML.replace("xi: 2.25", "zeta: 2.25"))
    with pytest.raises(DamagedData, match=r"mirror_parameters\.xi"):
        read_calibration(path)


def test_kalibr_omni_opens(tmp_path: Path) -> None:
    path = tmp_path / "camchain.yaml"
    path.write_text(
        "cam0:\n  camera_model: omni\n  distortion_model: radtan\n"
        "  distortion_coeffs: [-0.1, 0.02, 0.001, 0.002]\n"
        "  intrinsics: [1.5, 800, 810, 376, 240]\n  resolution: [752, 480]\n"
    )
    (camera,) = read_calibration(path)
    assert camera.lens.lens(752, 480) == Mei(
        752, 480, fx=800, fy=810, cx=376, cy=240, xi=1.5, k1=-0.1, k2=0.02, p1=0.001, p2=0.002
    )


def test_no_distortion_is_a_pinhole() -> None:
    lens = LensDescription("plumb_bob", 9.0, 9.0, 4.0, 4.0, (0.0,) * 5).lens(8, 8)
    assert isinstance(lens, Pinhole)


def test_an_image_of_another_size_is_refused() -> None:
    with pytest.raises(RefusedLens, match=r"640 x 480 .* 752 x 480"):
        LensDescription("radtan", 9.0, 9.0, 4.0, 4.0, (), 752, 480).lens(640, 480)


def test_kalibr_poses_point_the_same_way(real_data: Path) -> None:
    """``T_cam_imu`` and ``T_imu_cam`` both become camera from IMU."""
    stated = by_name(real_data / "calib/kalibr/tum_vi.yaml")["cam0"].camera_from_parent
    np.testing.assert_allclose(
        stated[0], [-0.99952504, 0.02961534, -0.00852233, 0.04727988], atol=1e-7
    )
    inverted = by_name(real_data / "calib/kalibr/euroc_mav.yaml")["cam0"].camera_from_parent
    imu_from_cam = np.linalg.inv(inverted)
    np.testing.assert_allclose(
        imu_from_cam[0], [0.0148655429818, -0.999880929698, 0.00414029679422, -0.0216401454975],
        atol=1e-9,
    )  # fmt: skip


def test_pandaset_poses_are_camera_from_lidar(real_data: Path) -> None:
    """The front camera looks the way the lidar drives: where the back camera does not."""
    cameras = by_name(real_data / "calib/pandaset_static_extrinsic_calibration.yaml")
    forward = {name: camera.camera_from_parent[2, :3] for name, camera in cameras.items()}
    assert forward["front_camera"] @ forward["back_camera"] < -0.99
    assert forward["front_camera"] @ forward["front_left_camera"] > 0.3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("a.json", '{"extrinsic": [1, 2], "intrinsic": [1, 2]}'),
        ("a.json", '{"extrinsic": [], "intrinsic": [1, 2, "x", 0, 1, 2, 0, 0, 1]}'),
        ("a.yaml", "cam0: [unclosed"),
        ("a.yaml", "cam0: {intrinsics: [1, 2], resolution: [1, 2]}"),
        ("a.yaml", "K: !!python/object/apply:os.system ['true']"),
        ("a.yaml", "a: &a [1]\nb: [*a, *a]"),
        ("a.txt", "K: 1 2\nD: 1\nT: 1\n"),
        ("a.json", '{"value0": {"T_imu_cam": [1], "intrinsics": [3]}}'),
        ("a.json", "[" * 100_000),
    ],
)
def test_damaged_files_say_so(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DamagedData, match=name):
        read_calibration(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", '{"fps": 10}'), ("a.yaml", "a: 1"), ("a.txt", "hello"), ("a.xml", "")],
)
def test_other_files_describe_no_camera(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert read_calibration(path) == ()
