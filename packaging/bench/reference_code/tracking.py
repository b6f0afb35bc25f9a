"""Runs in the environment of TrackEval: KITTI's tracking text, HOTA, CLEAR and Identity.

python tracking.py FOLDER        (with label_02, tracks/data and the list of sequences)
"""

import contextlib
import io
import json
import sys
import time


def main() -> None:
    from trackeval.datasets import Kitti2DBox
    from trackeval.metrics import CLEAR, HOTA, Identity

    quiet = {"PRINT_CONFIG": False}
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = Kitti2DBox(
            {
                "GT_FOLDER": sys.argv[1], "TRACKERS_FOLDER": sys.argv[1],
                "TRACKERS_TO_EVAL": ["tracks"], "CLASSES_TO_EVAL": ["car", "pedestrian"], **quiet,
            }
        )  # fmt: skip
        raw = {name: dataset.get_raw_seq_data("tracks", name) for name in dataset.seq_list}
        read = time.perf_counter()
        figures = {}
        for class_name in ("car", "pedestrian"):
            data = {
                name: dataset.get_preprocessed_seq_data(sequence, class_name)
                for name, sequence in raw.items()
            }
            found = {}
            for metric in (HOTA(), CLEAR(quiet), Identity(quiet)):
                each = {name: metric.eval_sequence(own) for name, own in data.items()}
                found |= metric.combine_sequences(each)
            figures[class_name] = {
                "HOTA": float(found["HOTA"].mean()), "MOTA": float(found["MOTA"]),
                "IDF1": float(found["IDF1"]), "IDSW": int(found["IDSW"]),
            }  # fmt: skip
        done = time.perf_counter()
    timed = {"read_s": read - started, "evaluate_s": done - read, "figures": figures}
    print("FOUND" + json.dumps(timed))


if __name__ == "__main__":
    main()
