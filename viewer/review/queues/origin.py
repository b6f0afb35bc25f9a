"""How a queue was made: a JSON record, and the sentence that people read."""

from collections.abc import Sequence

from viewer.review.slices.provenance import Provenance, describe


def by_slice(slice_id: str, name: str) -> Provenance:
    """Return that the items are the members of a slice."""
    return {"by": "slice", "slice": slice_id, "name": name}


def by_filter(text: str) -> Provenance:
    """Return that the items are the labels that a filter lets through."""
    return {"by": "filter", "filter": text}


def by_findings(text: str) -> Provenance:
    """Return that the items are what checks found, most suspicious first."""
    return {"by": "findings", "findings": text}


def judged() -> Provenance:
    """Return that the items are what has a verdict of its own."""
    return {"by": "judged"}


def not_yet_reviewed(of: Provenance) -> Provenance:
    """Return that of something only what nobody judged is left."""
    return {"by": "not yet reviewed", "of": dict(of)}


def second_reviewer(of: Provenance, reviewer: str) -> Provenance:
    """Return that of something only what others judged and one reviewer did not is left."""
    return {"by": "second reviewer", "of": dict(of), "reviewer": reviewer}


def same_for_all(of: Provenance, reviewers: Sequence[str]) -> Provenance:
    """Return that each of these reviewers has the same items in a queue of their own."""
    return {"by": "consensus", "of": dict(of), "reviewers": list(reviewers)}


def sampled(of: Provenance, count: int, seed: int, strata: str = "") -> Provenance:
    """Return that of something some were drawn; `strata` is what was kept in proportion."""
    return {"by": "drawn", "of": dict(of), "count": count, "seed": seed, "strata": strata}


def describe_queue(how: Provenance) -> str:
    """Return it for people.

    Examples
    --------
    >>> describe_queue(sampled(not_yet_reviewed(by_slice("5f", "night")), 200, 7, "class"))
    '200 of slice night, not yet reviewed, by class, seed 7'
    """
    match how.get("by"):
        case "slice":
            return f"slice {how['name']}"
        case "filter":
            return str(how["filter"])
        case "judged":
            return "what was judged"
        case "findings":
            return f"findings: {how['findings']}"
        case "not yet reviewed":
            return f"{describe_queue(how['of'])}, not yet reviewed"
        case "second reviewer":
            return f"{describe_queue(how['of'])}, a second look by {how['reviewer']}"
        case "consensus":
            return f"{describe_queue(how['of'])}, the same for {' and '.join(how['reviewers'])}"
        case "drawn":
            strata = f", by {how['strata']}" if how.get("strata") else ""
            return f"{how['count']:,} of {describe_queue(how['of'])}{strata}, seed {how['seed']}"
        case _:
            return describe(how)
