"""The rows of data/numbering_plan.csv, and their answers about a number.

This second implementation shows whether a difference is in the rows or in the library that is built
from them.
"""

import csv
import re
from collections import defaultdict

FEWEST_DIGITS, MOST_DIGITS = 7, 15


class Row:
    """A row of the file: valid numbers with the same prefix, kind and region."""

    def __init__(self, fields):
        self.code = fields["calling_code"]
        self.classes = digit_classes(fields["prefix"])
        # Lengths of the whole number, including its calling code.
        self.lengths = {len(self.code) + length for length in lengths(fields["lengths"])}
        self.kind = fields["type"].lower()
        self.region = fields["region"]

    def prefixes(self):
        """Returns the prefixes of its numbers, including the calling code."""
        prefixes = [self.code]
        for digits in self.classes:
            prefixes = [prefix + digit for prefix in prefixes for digit in digits]
        return prefixes

    def bounds(self, length):
        """Returns its lowest and its highest number of that length."""
        free = length - len(self.code) - len(self.classes)
        lowest = self.code + "".join(digits[0] for digits in self.classes) + "0" * free
        highest = self.code + "".join(digits[-1] for digits in self.classes) + "9" * free
        return lowest, highest


class Plan:
    """All rows, indexed by prefix."""

    def __init__(self, data):
        with open(data / "numbering_plan.csv", newline="") as file:
            self.rows = [Row(fields) for fields in csv.DictReader(file)]
        with open(data / "calling_codes.csv", newline="") as file:
            self.main_regions = {fields["calling_code"]: fields["region"] for fields in csv.DictReader(file)}
        # The possible lengths of each calling code's numbers.
        self.lengths = defaultdict(set)
        # The rows that apply to all numbers with a prefix, and the regions of all rows that apply
        # to some.
        self.exact = defaultdict(list)
        self.regions = defaultdict(set)
        for row in self.rows:
            self.lengths[row.code] |= row.lengths
            for prefix in row.prefixes():
                self.exact[prefix].append(row)
                for end in range(len(row.code), len(prefix) + 1):
                    self.regions[prefix[:end]].add(row.region)

    def calling_code(self, digits):
        """Returns the assigned calling code that the digits begin with."""
        return next((digits[:end] for end in (1, 2, 3) if digits[:end] in self.main_regions), None)

    def answer(self, digits):
        """Returns the region and kind of a number, in the terms of oracle.answer()."""
        code = self.calling_code(digits)
        if len(digits) < FEWEST_DIGITS:
            return "", "too_short"
        if code is None:
            return "", "unknown_calling_code"
        for end in range(len(code), len(digits) + 1):
            for row in self.exact.get(digits[:end], ()):
                if len(digits) in row.lengths:
                    return row.region, row.kind
        kind = "unallocated" if len(digits) in self.lengths[code] else "impossible"
        return self.region_by_prefix(code, digits), kind

    def region_by_prefix(self, code, digits):
        """Returns the region of all valid numbers that share the longest prefix with this one, or the
        main region if these have several."""
        regions = {self.main_regions[code]}
        shorter = []
        for end in range(len(code), len(digits) + 1):
            prefix = digits[:end]
            shorter += self.exact.get(prefix, ())
            alive = {row.region for row in shorter if max(row.lengths) >= end} | self.regions.get(prefix, set())
            if not alive:
                break
            regions = alive
        return regions.pop() if len(regions) == 1 else self.main_regions[code]


def digit_classes(prefix):
    """Parses `74[5-7]x` as ["7", "4", "567", "0123456789"]."""
    return [digit_class(text) for text in re.findall(r"\[[^]]*\]|.", prefix)]


def digit_class(text):
    if text == "x":
        return "0123456789"
    ranges = re.findall(r"(\d)(?:-(\d))?", text)
    return "".join(str(digit) for first, last in ranges for digit in range(int(first), int(last or first) + 1))


def lengths(text):
    """Parses `7;9-10` as {7, 9, 10}."""
    found = set()
    for part in text.split(";"):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
