"""The rows of data/numbering_plan.csv, and what they say of a number.

This is a second reading of the rows, made for the comparison: it shows whether a difference is in the rows or in the
library that is built from them.
"""

import csv
import re
from collections import defaultdict

FEWEST_DIGITS, MOST_DIGITS = 7, 15


class Row:
    """A line of the file: valid numbers with the same first digits, of the same kind and region."""

    def __init__(self, fields):
        self.code = fields["calling_code"]
        self.classes = digit_classes(fields["prefix"])
        # Of the whole number, with its calling code.
        self.lengths = {len(self.code) + length for length in lengths(fields["lengths"])}
        self.kind = fields["type"].lower()
        self.region = fields["region"]

    def prefixes(self):
        """The first digits of its numbers, with the calling code."""
        prefixes = [self.code]
        for digits in self.classes:
            prefixes = [prefix + digit for prefix in prefixes for digit in digits]
        return prefixes

    def bounds(self, length):
        """Its lowest and its highest number of that length."""
        free = length - len(self.code) - len(self.classes)
        lowest = self.code + "".join(digits[0] for digits in self.classes) + "0" * free
        highest = self.code + "".join(digits[-1] for digits in self.classes) + "9" * free
        return lowest, highest


class Plan:
    """All rows, by the digits that they begin with."""

    def __init__(self, data):
        with open(data / "numbering_plan.csv", newline="") as file:
            self.rows = [Row(fields) for fields in csv.DictReader(file)]
        with open(data / "calling_codes.csv", newline="") as file:
            self.main_regions = {fields["calling_code"]: fields["region"] for fields in csv.DictReader(file)}
        # The lengths that the numbers of a calling code can have.
        self.lengths = defaultdict(set)
        # The rows that are about all numbers with these first digits, and the regions of all rows that are about some.
        self.exact = defaultdict(list)
        self.regions = defaultdict(set)
        for row in self.rows:
            self.lengths[row.code] |= row.lengths
            for prefix in row.prefixes():
                self.exact[prefix].append(row)
                for end in range(len(row.code), len(prefix) + 1):
                    self.regions[prefix[:end]].add(row.region)

    def calling_code(self, digits):
        """The assigned calling code that the digits begin with."""
        return next((digits[:end] for end in (1, 2, 3) if digits[:end] in self.main_regions), None)

    def answer(self, digits):
        """The region and kind of a number, in the words of oracle.answer()."""
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
        """The region of all valid numbers that share the longest beginning with this one, if it is one only."""
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
    """`74[5-7]x` as ["7", "4", "567", "0123456789"]."""
    return [digit_class(text) for text in re.findall(r"\[[^]]*\]|.", prefix)]


def digit_class(text):
    if text == "x":
        return "0123456789"
    ranges = re.findall(r"(\d)(?:-(\d))?", text)
    return "".join(str(digit) for first, last in ranges for digit in range(int(first), int(last or first) + 1))


def lengths(text):
    """`7;9-10` as {7, 9, 10}."""
    found = set()
    for part in text.split(";"):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
