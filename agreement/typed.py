"""What libphonenumber shows while somebody types: the texts, and its answers."""

import random
import string

import candidates
import oracle
from phonenumbers import (
    SUPPORTED_REGIONS,
    AsYouTypeFormatter,
    PhoneMetadata,
    PhoneNumberFormat,
    country_code_for_region,
    format_number,
    region_codes_for_country_code,
)

TASK = 2_000
# The place of a person who is nowhere: only numbers with a + are formatted.
NOWHERE = "ZZ"


def all_tasks(options):
    """Yields tasks, each as a kind and a range."""
    regions = sorted(SUPPORTED_REGIONS)
    for start in range(0, len(regions), 10):
        yield "examples", regions[start : start + 10]
    for start in range(0, options.random, TASK):
        yield "random", (start // TASK, min(TASK, options.random - start))


def lines(task, plan, examples, seed):
    """Returns pairs of region and text."""
    kind, arguments = task
    if kind == "examples":
        found = set()
        for region in arguments:
            for digits in of_region(region):
                found.update(ways(region, digits))
        if arguments and arguments[0] == min(SUPPORTED_REGIONS):
            # Those of no region, such as +800.
            found.update(("", f"+{digits}") for digits in examples)
        return sorted(found)
    index, count = arguments
    generator = random.Random(f"{seed} typed {index}")
    numbers = list(candidates.random_and_mutated(plan, examples, count, f"{seed} typed {index}"))
    return [one_way(digits, generator) for digits in numbers]


def of_region(region):
    """Yields the national numbers of the region's examples."""
    metadata = PhoneMetadata.metadata_for_region(region)
    for name in oracle.DESCRIPTIONS:
        description = getattr(metadata, name)
        if description is not None and description.example_number:
            yield description.example_number


def ways(region, national):
    """Yields pairs of region and text: a number as typed in the region and elsewhere."""
    code = country_code_for_region(region)
    metadata = PhoneMetadata.metadata_for_region(region)
    digits = f"{code}{national}"
    yield region, national
    yield region, f"{metadata.national_prefix or ''}{national}"
    yield region, digits
    yield region, f"+{digits}"
    yield "", f"+{digits}"
    yield "", digits
    yield region, f"{metadata.preferred_international_prefix or '00'}{digits}"
    yield region, f"+{code}{metadata.national_prefix or '0'}{national}"
    number = oracle.as_object(digits)
    yield region, "".join(c for c in format_number(number, PhoneNumberFormat.NATIONAL) if c in string.digits)


def one_way(digits, generator):
    """Returns one of the ways in which people type a number, or mistype it."""
    code = str(oracle.calling_code(digits) or "")
    regions = [region for region in region_codes_for_country_code(int(code or 0)) if region != "001"]
    region = generator.choice(regions or sorted(SUPPORTED_REGIONS))
    if generator.random() < 0.1:
        region = generator.choice(sorted(SUPPORTED_REGIONS))
    metadata = PhoneMetadata.metadata_for_region(region)
    national = digits[len(code) :]
    way = generator.randrange(10)
    if way < 4:
        return region, national
    if way < 6:
        return region, f"{metadata.national_prefix or generator.choice(string.digits)}{national}"
    if way == 6:
        return "", f"+{digits}"
    if way == 7:
        return region, f"+{digits}"
    if way == 8:
        return region, f"{metadata.preferred_international_prefix or generator.choice(['00', '011'])}{digits}"
    # Punctuation, a plus in the middle, and digits of other scripts.
    place = generator.randrange(len(digits) + 1)
    odd = generator.choice(["-", " ", "(", "+", "*", "#", "x", "é", "０", "٥", "۵"])
    return region, f"{digits[:place]}{odd}{digits[place:]}"


def expected(region, text):
    """Returns what libphonenumber shows after each character."""
    formatter = AsYouTypeFormatter(region or NOWHERE)
    return [formatter.input_digit(c) for c in text]


def expected_rows(plan, seed):
    """Returns rows of region, text and what is shown, for `cargo test`: each shown text ends where
    the next begins, after a tab."""
    examples = oracle.examples()
    found = set()
    generator = random.Random(f"{seed} typed rows")
    for region in sorted(SUPPORTED_REGIONS):
        national = sorted(set(of_region(region)))
        for digits in generator.sample(national, min(2, len(national))):
            found.update(generator.sample(sorted(set(ways(region, digits))), 4))
    found.update(lines(("random", ("rows", 1_500)), plan, examples, seed))
    return ["{},{},{}".format(region, text, "\t".join(expected(region, text))) for region, text in sorted(found)]
