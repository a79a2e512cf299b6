"""The numbers to compare, as E.164 digits without the plus. The same seed gives the same numbers."""

import random

from plan import FEWEST_DIGITS, MOST_DIGITS

LENGTHS = range(FEWEST_DIGITS, MOST_DIGITS + 1)


def three_digit_prefixes(seed):
    """Yields all prefixes of three digits, assigned or not, filled up at random to each length."""
    generator = random.Random(f"{seed} beginnings")
    for begun in range(1000):
        yield from (f"{begun:03}{fill(generator, length - 3)}" for length in LENGTHS)


def prefixes(plan):
    """Returns all prefixes of valid numbers that distinguish rows. They reach every state of an
    automaton over the rows."""
    found = set(plan.main_regions)
    for row in plan.rows:
        for prefix in row.prefixes():
            found.update(prefix[:end] for end in range(len(row.code), len(prefix) + 1))
    return sorted(found)


def states_and_digits(plan, prefixes, seed):
    """Yields each prefix followed by each digit, filled up at random to each length of its calling
    code and to one other length. A calling code itself is filled up to every length."""
    generator = random.Random(f"{seed} states {prefixes[0]}")
    for prefix in prefixes:
        code = plan.calling_code(prefix)
        wanted = set(LENGTHS) if prefix == code else plan.lengths[code] | {invalid_length(plan, code, prefix)}
        for digit in "0123456789":
            begun = prefix + digit
            for length in sorted(wanted & set(LENGTHS)):
                if length >= len(begun):
                    yield begun + fill(generator, length - len(begun))


def invalid_length(plan, code, prefix):
    """Returns a length that no number of the calling code has, if possible one more than a length
    that some have."""
    wrong = [length for length in LENGTHS if length not in plan.lengths[code] and length > len(prefix)]
    return next((length for length in wrong if length - 1 in plan.lengths[code]), wrong[0] if wrong else 0)


def random_and_mutated(plan, examples, count, seed):
    """Returns `count` distinct numbers. A quarter each are digits after an assigned calling code,
    valid numbers, valid or example numbers with one to three digits changed, removed, added or
    swapped, and digits after the prefix of a valid number. One in a hundred is arbitrary digits."""
    generator = random.Random(f"{seed} random")
    codes = sorted(plan.main_regions)
    found = set()
    while len(found) < count:
        digits = random_number(plan, codes, examples, generator, len(found))
        if len(digits) in LENGTHS:
            found.add(digits)
    return found


def random_number(plan, codes, examples, generator, index):
    if index % 100 == 99:
        return fill(generator, generator.choice(LENGTHS))
    if index % 4 == 0:
        code = generator.choice(codes)
        return code + fill(generator, generator.choice(LENGTHS) - len(code))
    valid = valid_number(generator.choice(plan.rows), generator)
    if index % 4 == 1:
        return valid
    if index % 4 == 2:
        return mutated(generator.choice([valid, generator.choice(examples)]), generator)
    begun = valid[: generator.randint(3, len(valid))]
    return begun + fill(generator, max(0, generator.choice(LENGTHS) - len(begun)))


def valid_number(row, generator):
    begun = row.code + "".join(generator.choice(digits) for digits in row.classes)
    return begun + fill(generator, generator.choice(sorted(row.lengths)) - len(begun))


def mutated(digits, generator):
    digits = list(digits)
    for _ in range(generator.randint(1, 3)):
        at = generator.randrange(len(digits) - 1)
        how = generator.choice(["change", "drop", "add", "swap"])
        if how == "change":
            digits[at] = generator.choice("0123456789")
        elif how == "drop":
            del digits[at]
        elif how == "add":
            digits.insert(at, generator.choice("0123456789"))
        else:
            digits[at], digits[at + 1] = digits[at + 1], digits[at]
    return "".join(digits)


def bounds(plan):
    """Yields the lowest and highest number of each row, and the numbers before and after them."""
    for row in plan.rows:
        for length in row.lengths & set(LENGTHS):
            lowest, highest = row.bounds(length)
            yield from (lowest, highest)
            yield from (str(int(lowest) - 1), str(int(highest) + 1))


def shorter_than_allowed(plan):
    """Yields the valid numbers with fewer digits than countersign accepts."""
    for row in plan.rows:
        for length in row.lengths - set(LENGTHS):
            for prefix in row.prefixes():
                free = length - len(prefix)
                yield from (prefix + str(rest).zfill(free)[:free] for rest in range(10**free))


def fill(generator, count):
    return "".join(generator.choices("0123456789", k=count)) if count > 0 else ""
