"""Entry point of `sightline`."""

import sys


def main() -> None:
    """Run the command line; `sightline open PATH`, that people wait for, needs no parser."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["open"] and len(arguments) == 2 and not arguments[1].startswith("-"):
        from viewer.cli.window import open_window

        raise SystemExit(open_window(arguments[1]))
    from viewer.cli.parser import app

    app()
