"""One row for each camera, whichever checks speak of it."""

from viewer.checks.finding import Evidence, Finding, Severity
from viewer.reports.camera_table import camera_table


def finding(check, camera, **numbers):
    return Finding(check, "street", None, (), "", 0.5, Severity.MEDIUM, "It is off",
                   Evidence(numbers), sensor_id=camera)  # fmt: skip


def test_what_several_checks_say_of_a_camera_is_one_row():
    table = camera_table([
        finding("sync-offset", "front", offset_ms=-52.04, offset_error_ms=3.0),
        finding("calibration-drift", "front", bias_right_px=3.26, bias_down_px=-0.4, roll_deg=0.1),
        finding("image-edges", "front", bias_right_px=3.9),
        finding("image-edges", "rear", bias_right_px=-4.61),
        finding("floating", None, by_m=0.5),
    ])  # fmt: skip
    assert table.rows == (
        ("street", "front", "+3.3", "-0.4", "", "", "+0.1", "-52.0"),
        ("street", "rear", "-4.6", "", "", "", "", ""),
    )
    assert len(table.columns) == len(table.rows[0])


def test_there_is_no_table_where_no_camera_is_off():
    assert camera_table([finding("intrinsics", "front", ratio=1.2)]) is None
