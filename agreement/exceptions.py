"""The intended differences from libphonenumber, with reasons. README.md describes them in prose."""

from dataclasses import dataclass
from typing import Callable

import oracle
from plan import FEWEST_DIGITS


@dataclass(frozen=True)
class Deviation:
    """Numbers for which countersign intentionally answers differently."""

    reason: str
    applies: Callable
    instead: Callable


EXCEPTIONS = [
    Deviation(
        "+672 1 is the Australian Antarctic Territory (data/corrections.csv), not Norfolk Island",
        lambda digits, region, kind: digits.startswith("6721"),
        lambda region, kind: ("AQ", kind),
    ),
    Deviation(
        "+1 with 7 digits is a possible length, as +1 310 xxxx in Canada; libphonenumber checks the US only",
        lambda digits, region, kind: digits[0] == "1" and len(digits) == 8 and kind == "impossible",
        lambda region, kind: (region, "unallocated"),
    ),
    Deviation(
        "E.164 numbers of fewer than 7 digits are rejected",
        lambda digits, region, kind: len(digits) < FEWEST_DIGITS,
        lambda region, kind: ("", "too_short"),
    ),
]


def expected(digits):
    """Returns the expected answer of countersign, and the exception that makes it differ from
    libphonenumber's, if any.

    The answer has the form of oracle.answer().
    """
    answer = oracle.answer(digits)
    for exception in EXCEPTIONS:
        if exception.applies(digits, *answer) and exception.instead(*answer) != answer:
            return exception.instead(*answer), exception
    return answer, None
