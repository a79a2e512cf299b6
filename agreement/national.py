#!/usr/bin/env python3
"""Writes tests/data/national.csv: how libphonenumber's parser reads numbers as dialled in a region.

    python3 agreement/national.py
    cargo test --test laws national::

README.md describes its content.
"""

import argparse
import random
import re
import string

from compare import VERSION, WORKSPACE  # checks the version of phonenumbers first
import oracle
from candidates import mutated, valid_number
from phonenumbers import (
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    national_significant_number,
    parse,
)
from plan import Plan

try:
    from re import _constants, _parser
except ImportError:  # before Python 3.11
    import sre_constants as _constants
    import sre_parse as _parser

TYPES = oracle.DESCRIPTIONS[1:]


def main():
    parser = argparse.ArgumentParser(description="Writes tests/data/national.csv.")
    parser.add_argument("--random", type=int, default=5, help="number of random numbers for each region (5)")
    parser.add_argument("--seed", default="1", help="seed of random numbers and prefixes (1)")
    options = parser.parse_args()
    plan = Plan(WORKSPACE / "data")
    lines = set()
    for region in sorted(SUPPORTED_REGIONS):
        generator = random.Random(f"{options.seed} national {region}")
        for region_or_none, text in texts(region, plan, options.random, generator):
            lines.add(",".join((region_or_none, text, *answer(region_or_none, text))))
    path = WORKSPACE / "tests/data/national.csv"
    with open(path, "w", newline="\n") as file:
        print(f"# agreement/national.py, phonenumbers=={VERSION}", "region,text,number,valid", sep="\n", file=file)
        file.writelines(f"{line}\n" for line in sorted(lines))
    print(f"{path.name}: {len(lines)} texts, {path.stat().st_size} bytes")


def texts(region, plan, count, generator):
    """Yields texts, each with the region in which it is dialled, or "" if it is dialled anywhere."""
    dialling = Dialling(region, generator)
    code = dialling.code
    for example in dialling.examples():
        yield from dialling.ways(example)
    rows = [row for row in plan.rows if row.region == region]
    for _ in range(count if rows else 0):
        valid = valid_number(generator.choice(rows), generator)
        yield from generator.sample(list(dialling.ways(valid[len(code) :])), 3)
        wrong = mutated(valid, generator)
        # The mutation may have changed the calling code.
        if wrong.startswith(code) and len(wrong) > len(code):
            yield generator.choice(list(dialling.ways(wrong[len(code) :])))
    for _ in range(count):
        digits = "".join(generator.choices(string.digits, k=generator.randint(4, 13)))
        yield region, dialling.national_prefix() + digits
        # Prefixes such as ([2-9]\d{6})$ are whole local numbers.
        yield region, dialling.national_prefix()


class Dialling:
    """The dialling rules of a region."""

    def __init__(self, region, generator):
        self.region, self.generator = region, generator
        self.metadata = PhoneMetadata.metadata_for_region(region)
        self.code = str(self.metadata.country_code)

    def examples(self):
        described = (getattr(self.metadata, name) for name in TYPES)
        return sorted({description.example_number for description in described if description and description.example_number})

    def national_prefix(self):
        return sample(self.metadata.national_prefix_for_parsing or "", self.generator)

    def ways(self, digits):
        """Yields the ways to write a national number."""
        number = oracle.as_object(self.code + digits)
        abroad = sample(self.metadata.international_prefix or "", self.generator)
        yield self.region, format_number(number, PhoneNumberFormat.NATIONAL)
        yield self.region, digits
        yield self.region, (self.metadata.national_prefix or "") + digits
        yield self.region, self.national_prefix() + digits
        yield self.region, self.code + digits
        yield self.region, abroad + self.code + digits
        yield "", f"+{self.code} ({self.metadata.national_prefix or 0}){digits}"


def sample(pattern, generator):
    """Returns a random text that a regular expression matches."""
    return "".join(sampled(_parser.parse(re.compile(pattern).pattern), generator))


def sampled(parsed, generator):
    for operation, argument in parsed:
        if operation is _constants.LITERAL:
            yield chr(argument)
        elif operation is _constants.IN:
            yield generator.choice([digit for digit in string.digits if is_in(digit, argument)])
        elif operation is _constants.MAX_REPEAT:
            least, most, repeated = argument
            for _ in range(generator.randint(least, most)):
                yield from sampled(repeated, generator)
        elif operation is _constants.SUBPATTERN:
            yield from sampled(argument[-1], generator)
        elif operation is _constants.BRANCH:
            yield from sampled(generator.choice(argument[1]), generator)
        elif operation is not _constants.AT:
            raise AssertionError(f"unsupported {operation} in a prefix of the metadata")


def is_in(digit, members):
    for operation, argument in members:
        if operation is _constants.LITERAL and chr(argument) == digit:
            return True
        if operation is _constants.RANGE and argument[0] <= ord(digit) <= argument[1]:
            return True
        if operation is _constants.CATEGORY and argument is _constants.CATEGORY_DIGIT:
            return True
    return False


def answer(region, text):
    """Returns the digits of the number, with the calling code, and whether it is valid. Both are
    empty if there is no number."""
    try:
        number = parse(text, region or None)
    except NumberParseException:
        return "", ""
    return f"{number.country_code}{national_significant_number(number)}", "yes" if is_valid_number(number) else "no"


if __name__ == "__main__":
    main()
