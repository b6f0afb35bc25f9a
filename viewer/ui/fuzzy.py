"""Fuzzy matching: how well typed letters fit a text."""


def fuzzy_score(query: str, text: str) -> int | None:
    """Score letters that occur in order, higher is better; None when they do not.

    Whole words and starts of words count most, then runs of letters, then short texts.

    Examples
    --------
    >>> fuzzy_score("nf", "Next frame") > fuzzy_score("nf", "Conform")
    True
    >>> fuzzy_score("xyz", "Next frame") is None
    True
    """
    wanted, within = query.casefold(), text.casefold()
    if not wanted:
        return 0
    parts = wanted.split()
    if len(parts) > 1:
        scores = [fuzzy_score(part, text) for part in parts]
        return None if None in scores else sum(score for score in scores if score is not None)
    whole = within.find(wanted)
    if whole >= 0:
        starts = whole == 0 or not within[whole - 1].isalnum()
        end = whole + len(wanted)
        ends = end == len(within) or not within[end].isalnum()
        return (
            (100 if starts else min(100, 12 * len(wanted)))
            + 40 * starts
            + 20 * (whole == 0)
            + 10 * ends
            - min(len(within), 60) // 4
        )
    score, place, run = 0, -1, 0
    for letter in wanted:
        found = within.find(letter, place + 1)
        if found < 0:
            return None
        starts = found == 0 or not within[found - 1].isalnum()
        later = place + 1
        if not starts:
            word = _word_start(within, letter, later)
            if word is not None:
                found, starts = word, True
        run = run + 1 if found == place + 1 and place >= 0 else 0
        score += 20 * starts + 4 * run - min(found - place, 10)
        place = found
    return score - min(len(within), 60) // 4


def _word_start(text: str, letter: str, begin: int) -> int | None:
    place = text.find(letter, begin)
    while place >= 0:
        if place == 0 or not text[place - 1].isalnum():
            return place
        place = text.find(letter, place + 1)
    return None
