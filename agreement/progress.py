"""A progress bar on standard error: tqdm's if it is installed, else a plain counter."""

import sys

try:
    from tqdm import tqdm
except ModuleNotFoundError:
    tqdm = None


class Counter:
    """As much of tqdm as is needed."""

    def __init__(self, total):
        self.total, self.done, self.shown = total, 0, -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.shown >= 0:
            print(file=sys.stderr)

    def update(self, count):
        self.done += count
        percent = 100 * self.done // self.total
        if sys.stderr.isatty() and percent != self.shown:
            self.shown = percent
            print(f"\r{percent:3}%", end="", file=sys.stderr, flush=True)


def progress(total):
    """Something to `update(count)`, as a context manager."""
    return tqdm(total=total, unit=" portions", disable=None) if tqdm else Counter(total)
