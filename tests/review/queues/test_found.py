"""Files of findings: whatever is in them, they are read or refused with the place."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.formats.base import DamagedData
from viewer.review import Subject
from viewer.review.queues.found import read_findings

NAMES = ("findings", "subject", "scene", "frame", "label_set", "label", "track", "score", "check")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_findings_keep_subject_score_and_reason(tmp_path: Path):
    file = tmp_path / "found.json"
    names = {"scene": "s", "frame": "f", "label_set": "gt", "label": "1"}
    subject = {"kind": "label", "dataset_id": "d", **names}
    told = [
        {"subject": subject, "score": 1, "check": "loose_box", "evidence": "0.4 m"},
        {"subject": {"scene": "s"}},
    ]
    file.write_text(json.dumps(told))
    assert read_findings(file, "d") == [
        (Subject.label("d", "s", "f", "gt", "1"), 1.0, "loose box: 0.4 m"),
        (Subject.scene("d", "s"), None, ""),
    ]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=VALUES)
def test_what_is_no_finding_is_told_and_never_breaks_it(tmp_path: Path, document: object):
    file = tmp_path / "found.json"
    file.write_text(json.dumps(document))
    rows = document.get("findings") if isinstance(document, dict) else document
    found = problem = None
    try:
        found = read_findings(file, "d")
    except DamagedData as error:
        problem = error
    if found is None:
        assert (problem.path, problem.place[:1]) == (file, "$")
    else:
        assert isinstance(rows, list)
        assert len(found) == len(rows)
        assert all(subject.dataset_id == "d" for subject, _, _ in found)
