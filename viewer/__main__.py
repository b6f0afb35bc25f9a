"""`python -m viewer` is the `sightline` command."""

from viewer.cli.main import main

if __name__ == "__main__":
    main()
