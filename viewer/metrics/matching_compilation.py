"""Runs every kernel of matching and counting once, for the cache on disk."""

from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.matching.candidates import Matcher
from viewer.metrics.matching.catalog import SIMILARITIES
from viewer.metrics.objects import EvaluatedObjects
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap


def compile_matching(labels: EvaluatedObjects, predictions: EvaluatedObjects) -> None:
    """Match a few objects in every measure, and in every way once."""
    roles = ClassRoles.of(ClassMap(), labels, predictions)
    for similarity in SIMILARITIES:
        for matcher in Matcher:
            index = ConfusionIndex.prepare(
                labels, predictions, roles, similarity, JobContext(), matcher=matcher
            )
            index.at(0.0, similarity.default_threshold)
