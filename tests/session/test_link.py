"""Links come back to the sight that they were made of."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.session.link import Sight, parse_link

EYE = (1.0, 2.5, -3.0, 0.0, 0.0, 0.5, 0.0, 0.0, 1.0)
names = st.text(string.ascii_letters + string.digits + " /#?%&:=,.äß車", min_size=1, max_size=12)


@given(scene=names, frame=names, label=names, with_eye=st.booleans())
def test_round_trip(scene, frame, label, with_eye):
    sight = Sight("/no/such/place", scene, frame, label, EYE if with_eye else None)
    assert parse_link(sight.to_link()) == sight


@given(scene=names)
def test_round_trip_of_a_scene_alone(scene):
    sight = Sight("/no/such/place", scene)
    assert parse_link(sight.to_link()) == sight


def test_eye_far_from_its_origin_keeps_millimetres():
    eye = (485123.4567, 5412345.678, 12.0, 485124.0, 5412345.0, 11.5, 0.0, 0.0, 1.0, 40.0, 1.0)
    assert parse_link(Sight("/no/such/place", eye=eye).to_link()).eye == eye


def test_eye_alone():
    sight = Sight("/no/such/place", eye=EYE)
    assert parse_link(sight.to_link()) == sight


def test_existing_path_with_a_hash_is_a_path(tmp_path):
    folder = tmp_path / "run#2"
    folder.mkdir()
    assert parse_link(str(folder)) == Sight(str(folder))
    assert parse_link(f"{folder}#scene/7") == Sight(str(folder), "scene", "7")


def test_windows_like_path_and_url_like_text_stay_whole():
    assert parse_link(r"C:\data\run").path == r"C:\data\run"
    assert parse_link("/a?b=c#s").path == "/a?b=c"


@pytest.mark.parametrize(
    "eye", ["1,2,3", "1,2,3,4,5,6,7,8,x", "nan,0,0,0,0,0,0,0,1", "inf,0,0,0,0,0,0,0,1", ""]
)
def test_unusable_eye_is_left_out(eye):
    sight = parse_link(f"/no/such/place#s/f/l?eye={eye}")
    assert sight.eye is None
    assert (sight.scene_id, sight.frame_key, sight.label) == ("s", "f", "l")


def test_text_too_long_for_a_path_is_still_read():
    text = "/" + "x" * 5000
    assert parse_link(f"{text}#s").scene_id == "s"
