"""Figures are computed off the owner's thread; the last settings always win."""

from viewer.session.compare_figures import Figures
from viewer.session.jobs import JobRunner


class Host:
    """Asks for what `now` says; answers are kept with the kind."""

    def __init__(self):
        self.posted = []
        self.jobs = JobRunner(self.posted.append, lambda: None)
        self.now = 1
        self.heard = []
        self.errors = []

    def asked(self, kind):
        return self.now

    def computed(self, kind):
        self.heard.append(kind)

    def failed(self, kind, error):
        self.errors.append((kind, str(error)))

    def settle(self):
        import time

        end = time.monotonic() + 5
        while self.jobs.busy or self.posted:
            assert time.monotonic() < end
            while self.posted:
                self.posted.pop(0)()
            time.sleep(0.002)


def test_what_moves_meanwhile_is_computed_after_it():
    host = Host()
    seen = []
    figures = Figures(host, lambda _context, asked: seen.append(asked) or asked * 10)
    figures.ask("matrix")
    for now in (2, 3, 4):
        host.now = now
        figures.ask("matrix")
    host.settle()
    assert figures.value("matrix") == 40
    assert figures.is_current("matrix")
    assert seen[0] in (1, 2, 3, 4)
    assert len(seen) <= 2
    host.jobs.close()


def test_a_figure_that_is_there_is_not_computed_again():
    host = Host()
    seen = []
    figures = Figures(host, lambda _context, asked: seen.append(asked))
    for _ in range(3):
        figures.ask("matrix")
        host.settle()
    assert seen == [1]
    host.jobs.close()


def test_an_old_figure_stays_until_the_new_one_is_there():
    host = Host()
    figures = Figures(host, lambda _context, asked: asked)
    figures.ask("curves")
    host.settle()
    host.now = 2
    assert figures.value("curves") == 1
    assert not figures.is_current("curves")
    host.jobs.close()


def test_a_failure_is_told_once_for_the_same_settings():
    host = Host()

    def fail(_context, asked):
        raise ValueError(f"not {asked}")

    figures = Figures(host, fail)
    for _ in range(2):
        figures.ask("table/class")
        host.settle()
    assert host.errors == [("table/class", "not 1")]
    host.now = 2
    figures.ask("table/class")
    host.settle()
    assert host.errors[-1] == ("table/class", "not 2")
    host.jobs.close()


def test_another_comparison_drops_everything():
    host = Host()
    figures = Figures(host, lambda _context, asked: asked)
    figures.ask("matrix")
    host.settle()
    figures.forget()
    assert figures.value("matrix") is None
    assert host.heard == ["matrix", "matrix"]
    host.jobs.close()
