"""Point-cloud files: one format a file, listed in catalog.py."""


def warm_up() -> None:
    """Load the compiled kernels of this room, compiling those that no cache holds yet.

    Until then small files are read without them, see `gather` and `text_rows`.
    """
    import importlib

    for kernels in ("gather_kernels", "text_kernels", "lzf_kernels", "ply_list_kernels"):
        importlib.import_module(f"viewer.formats.points.{kernels}")
