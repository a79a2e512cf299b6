"""Where countersign means to answer otherwise than libphonenumber, and why. README.md tells the same in prose."""

from dataclasses import dataclass
from typing import Callable

import oracle
from plan import FEWEST_DIGITS


@dataclass(frozen=True)
class Deviation:
    """Numbers that countersign answers in its own way."""

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
        "+1 with 7 digits is a possible length, as +1 310 xxxx in Canada; libphonenumber looks at the US only",
        lambda digits, region, kind: digits[0] == "1" and len(digits) == 8 and kind == "impossible",
        lambda region, kind: (region, "unallocated"),
    ),
    Deviation(
        "E.164 numbers of less than 7 digits are refused",
        lambda digits, region, kind: len(digits) < FEWEST_DIGITS,
        lambda region, kind: ("", "too_short"),
    ),
]


def expected(digits):
    """What countersign should answer, and the exception that makes it another answer than libphonenumber's, if any.

    The answer is of the form that oracle.answer() has.
    """
    answer = oracle.answer(digits)
    for exception in EXCEPTIONS:
        if exception.applies(digits, *answer) and exception.instead(*answer) != answer:
            return exception.instead(*answer), exception
    return answer, None
