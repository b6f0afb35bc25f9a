import pytest

from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.platform_states import (
    Vocabulary,
    from_platform,
    to_platform,
    words_of,
)

ACCEPTED, REJECTED, NEEDS_FIX, SKIPPED = VerdictState
EVERY_STATE = (*VerdictState, None)


@pytest.mark.parametrize("vocabulary", Vocabulary)
@pytest.mark.parametrize("state", EVERY_STATE)
def test_what_a_word_cannot_say_is_told(vocabulary, state):
    """There and back gives the same verdict, or one of the two ways says what was lost."""
    word = to_platform(vocabulary, state)
    meaning = from_platform(vocabulary, word.text)
    assert meaning.state is state or word.loss is not None
    others = [each for each in EVERY_STATE if to_platform(vocabulary, each).text == word.text]
    if len(others) > 1 and state is not None:
        assert word.loss is not None


@pytest.mark.parametrize("vocabulary", Vocabulary)
def test_every_word_that_we_write_can_be_read(vocabulary):
    written = {to_platform(vocabulary, state).text for state in EVERY_STATE} - {None}
    assert written <= set(words_of(vocabulary))


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (Vocabulary.DATALOOP_ANNOTATION, ("approved", "issue", "issue", None, None)),
        (Vocabulary.DATALOOP_ITEM, ("approved", "discarded", None, None, None)),
        (Vocabulary.PICSELLIA, ("ACCEPTED", "REFUSED", "REFUSED", "SKIPPED", "PENDING")),
        (Vocabulary.NUCLEUS_AUDIT, ("accepted", "rejected", "rejected", "pending", "pending")),
        (Vocabulary.AQUARIUM_ELEMENT, ("done", "done", "done", "unstarted", "unstarted")),
        (Vocabulary.AQUARIUM_QUEUE, ("done", "done", "done", "done", "queued")),
    ],
)
def test_words(vocabulary, words):
    assert tuple(to_platform(vocabulary, state).text for state in EVERY_STATE) == words


@pytest.mark.parametrize(
    ("vocabulary", "word", "state"),
    [
        (Vocabulary.DATALOOP_ANNOTATION, "issue", NEEDS_FIX),
        (Vocabulary.DATALOOP_ANNOTATION, "review", None),
        (Vocabulary.DATALOOP_ANNOTATION, "approved", ACCEPTED),
        (Vocabulary.DATALOOP_ANNOTATION, "clear", None),
        (Vocabulary.DATALOOP_ITEM, "completed", None),
        (Vocabulary.DATALOOP_ITEM, "approved", ACCEPTED),
        (Vocabulary.DATALOOP_ITEM, "discarded", REJECTED),
        (Vocabulary.PICSELLIA, "pending", None),
        (Vocabulary.PICSELLIA, "SKIPPED", SKIPPED),
        (Vocabulary.NUCLEUS_AUDIT, "fixed", ACCEPTED),
        (Vocabulary.AQUARIUM_QUEUE, "assigned", None),
        (Vocabulary.AQUARIUM_ELEMENT, None, None),
    ],
)
def test_meanings(vocabulary, word, state):
    assert from_platform(vocabulary, word).state is state


def test_an_unknown_word_is_no_verdict_and_is_told():
    meaning = from_platform(Vocabulary.PICSELLIA, "MAYBE")
    assert meaning.state is None
    assert "MAYBE" in meaning.loss
