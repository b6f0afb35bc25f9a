"""A workspace that tells how SQLite finds what is asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from viewer.review import Workspace
from viewer.review.ledger import Ledger


class Explaining(Ledger):
    """Notes the plan of every question."""

    plans: list[str]

    def row(self, entity, key):
        self._explain(f"SELECT * FROM {entity.name} WHERE key = ?", (key,))
        return super().row(entity, key)

    def query(self, sql, values=()):
        self._explain(sql, values)
        return super().query(sql, values)

    def rows(self, entity, where="", values=()):
        self._explain(f"SELECT * FROM {entity.name} {where}", values)
        return super().rows(entity, where, values)

    def _explain(self, sql, values):
        found = self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", tuple(values))
        self.plans += [row[3] for row in found]


@contextmanager
def explaining_ledger(workspace: Workspace) -> Iterator[Explaining]:
    """Read a workspace with plans."""
    reading, connection = workspace.another_reading()
    reading.__class__ = Explaining
    reading.plans, reading.now_ns, reading.reviewer = [], 1, workspace.reviewer
    yield reading
    connection.close()
