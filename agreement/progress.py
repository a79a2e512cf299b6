"""A progress bar on standard error: tqdm's if it is installed, otherwise a plain counter."""

import sys

try:
    from tqdm import tqdm
except ModuleNotFoundError:
    tqdm = None


class Counter:
    """A replacement for the parts of tqdm that are used."""

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
    """Returns a context manager with a method `update(count)`."""
    return tqdm(total=total, unit=" tasks", disable=None) if tqdm else Counter(total)
