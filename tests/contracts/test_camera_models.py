"""What every camera model of the catalogue promises."""

import dataclasses
import pickle

import numpy as np
import pytest

from viewer.geometry.cameras.catalog import CAMERA_MODELS

EXAMPLES = [
    pytest.param(example, id=f"{model.name}-{index}")
    for model in CAMERA_MODELS
    for index, example in enumerate(model.examples())
]


def pixels_of(camera, count=60):
    u = np.linspace(-0.2 * camera.width_px, 1.2 * camera.width_px, count)
    v = np.linspace(-0.2 * camera.height_px, 1.2 * camera.height_px, count)
    return np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)


def test_names_are_unique():
    names = [model.name for model in CAMERA_MODELS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("camera", EXAMPLES)
def test_parameters_rebuild_an_equal_camera(camera):
    parameters = camera.parameters()
    assert tuple(parameters) == type(camera).parameter_names()
    again = type(camera)(camera.width_px, camera.height_px, **parameters)
    assert again == camera
    assert hash(again) == hash(camera)
    assert pickle.loads(pickle.dumps(camera)) == camera


@pytest.mark.parametrize("camera", EXAMPLES)
def test_each_parameter_moves_some_pixel(camera):
    rays = np.random.default_rng(1).normal(size=(200, 3)) * [0.3, 0.3, 0] + [0, 0, 1]
    pixels, valid = camera.project(rays)
    for name, value in camera.parameters().items():
        other = dataclasses.replace(camera, **{name: value + 1e-3 * max(abs(value), 1)})
        moved, still = other.project(rays)
        both = valid & still
        assert np.abs(moved[both] - pixels[both]).max() > 0, name


@pytest.mark.parametrize("camera", EXAMPLES)
def test_the_image_centre_is_the_default(camera):
    focal = {"fx": camera.fx, "fy": camera.fy}
    plain = type(camera)(640, 480, **focal)
    assert (plain.cx, plain.cy) == (320, 240)


@pytest.mark.parametrize("camera", EXAMPLES)
def test_pixels_come_back_to_themselves(camera):
    pixels = pixels_of(camera)
    directions, valid = camera.unproject(pixels)
    assert valid.any()
    again, still = camera.project(directions[valid])
    assert still.all()
    np.testing.assert_allclose(again, pixels[valid], rtol=0, atol=1e-6)
    assert np.isnan(directions[~valid]).all()


@pytest.mark.parametrize("camera", EXAMPLES)
def test_no_ray_outside_the_domain_has_a_pixel(camera):
    rng = np.random.default_rng(2)
    rays = rng.normal(size=(20_000, 3))
    pixels, valid = camera.project(rays)
    angle = np.arctan2(np.hypot(rays[:, 0], rays[:, 1]), rays[:, 2])
    assert (angle[valid] < camera.domain.angle_rad).all()
    assert valid[angle < camera.domain.angle_rad - 1e-9].all()
    assert np.isfinite(pixels[valid]).all()
    assert np.isnan(pixels[~valid]).all()


@pytest.mark.parametrize("camera", EXAMPLES)
def test_distance_along_a_ray_does_not_matter(camera):
    rays = camera.unproject(pixels_of(camera, 10)).directions
    rays = rays[np.isfinite(rays[:, 0])]
    near, far = camera.project(rays * 0.01).pixels, camera.project(rays * 1e5).pixels
    np.testing.assert_allclose(near, far, rtol=0, atol=1e-7)


@pytest.mark.parametrize("camera", EXAMPLES)
def test_the_image_includes_its_first_pixel_and_excludes_its_end(camera):
    width, height = camera.width_px, camera.height_px
    pixels = np.array([[0, 0], [width, 0], [0, height], [width - 1e-6, height - 1e-6], [-1e-9, 0],
                       [np.nan, 0]])  # fmt: skip
    assert camera.in_image(pixels).tolist() == [True, False, False, True, False, False]


@pytest.mark.parametrize("model", CAMERA_MODELS)
@pytest.mark.parametrize(
    ("size", "numbers", "problem"),
    [
        ((0, 10), {}, "width_px"),
        ((10, -1), {}, "height_px"),
        ((10.5, 10), {}, "width_px"),
        ((10, 10), {"fx": np.nan}, "fx"),
        ((10, 10), {"fy": 0.0}, "fy"),
        ((10, 10), {"cx": np.inf}, "cx"),
    ],
)
def test_impossible_numbers_are_refused_by_name(model, size, numbers, problem):
    with pytest.raises(ValueError, match=problem):
        model(*size, **({"fx": 10.0, "fy": 10.0} | numbers))


@pytest.mark.parametrize("camera", EXAMPLES)
def test_wrong_shapes_are_refused(camera):
    with pytest.raises(ValueError, match=r"\(N, 3\)"):
        camera.project(np.zeros((4, 2)))
