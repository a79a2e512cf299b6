#!/usr/bin/env python3
"""Compares countersign with libphonenumber by the region, kind and validity of millions of numbers.

    python3 agreement/compare.py

README.md describes what is compared, and the intended differences.
"""

import argparse
import importlib.metadata
import multiprocessing
import sys
from collections import Counter
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parent.parent
VERSION = (WORKSPACE / "data/metadata_version.txt").read_text().strip()
SHOWN = 20


def require_phonenumbers():
    """Exits unless both sides use the same metadata, without which the comparison is meaningless."""
    try:
        found = importlib.metadata.version("phonenumbers")
    except importlib.metadata.PackageNotFoundError:
        found = "not installed"
    if found != VERSION:
        sys.exit(
            f"error: found phonenumbers {found}, but data/ uses libphonenumber's metadata {VERSION}.\n"
            f"Install that version: {Path(sys.executable).name} -m pip install phonenumbers=={VERSION}"
        )


require_phonenumbers()

import candidates  # noqa: E402
import expected_answers  # noqa: E402
import library  # noqa: E402
import oracle  # noqa: E402
from exceptions import expected  # noqa: E402
from plan import Plan  # noqa: E402
from progress import progress  # noqa: E402


def main():
    options = parse_options()
    plan = Plan(WORKSPACE / "data")
    if options.write_expected:
        expected_answers.write(plan, VERSION, options.seed, WORKSPACE / "tests/data/agreement.csv")
        return 0
    audit = None if options.rows else library.build(WORKSPACE)
    tasks = list(all_tasks(plan, options))
    tried, exceptions, differences = 0, Counter(), []
    with multiprocessing.Pool(options.jobs, Worker.start, (plan, audit, options.seed)) as pool:
        with progress(len(tasks)) as bar:
            for count, excepted, different in pool.imap_unordered(Worker.run, tasks):
                tried += count
                exceptions.update(excepted)
                differences += different
                bar.update(1)
    report(plan, tried, exceptions, sorted(differences))
    return 1 if differences else 0


def parse_options():
    parser = argparse.ArgumentParser(description="Compares countersign with libphonenumber.")
    parser.add_argument("--random", type=int, default=1_000_000, help="number of random and mutated numbers (1000000)")
    parser.add_argument("--seed", default="1", help="seed of random numbers and digits (1)")
    parser.add_argument("--jobs", type=int, help="number of processes (one for each core)")
    parser.add_argument(
        "--rows", action="store_true", help="compare the rows of data/, read in Python, instead of the library"
    )
    parser.add_argument(
        "--write-expected", action="store_true", help="compare nothing, and write tests/data/agreement.csv"
    )
    return parser.parse_args()


def all_tasks(plan, options):
    """Yields tasks, each as the name of a method of Worker and its arguments."""
    yield "given", (oracle.examples() + list(candidates.shorter_than_allowed(plan)),)
    yield "given", (list(candidates.three_digit_prefixes(options.seed)),)
    yield "given", (list(candidates.bounds(plan)),)
    prefixes = candidates.prefixes(plan)
    for start in range(0, len(prefixes), 500):
        yield "states", (prefixes[start : start + 500],)
    for index, start in enumerate(range(0, options.random, 50_000)):
        yield "random", (index, min(50_000, options.random - start))


class Worker:
    """The state of a process, and the tasks that it runs."""

    @classmethod
    def start(cls, plan, audit, seed):
        cls.plan, cls.audit, cls.seed = plan, audit, seed
        cls.examples = oracle.examples()

    @classmethod
    def run(cls, task):
        """Returns the count of numbers, the count for each exception, and the differences."""
        name, arguments = task
        # Sorted, so that libphonenumber reuses the compiled patterns of a region.
        numbers = sorted(set(getattr(cls, name)(*arguments)))
        if cls.audit:
            answers = library.answers(cls.audit, numbers)
        else:
            answers = [cls.plan.answer(digits) for digits in numbers]
        exceptions, differences = Counter(), []
        for digits, answer in zip(numbers, answers):
            (region, kind), exception = expected(digits)
            if exception:
                exceptions[exception.reason] += 1
            if kind != answer[1] or (region is not None and region != answer[0]):
                differences.append((digits, answer, (region, kind)))
        return len(numbers), exceptions, differences

    @classmethod
    def given(cls, numbers):
        return numbers

    @classmethod
    def states(cls, prefixes):
        return candidates.states_and_digits(cls.plan, prefixes, cls.seed)

    @classmethod
    def random(cls, index, count):
        return candidates.random_and_mutated(cls.plan, cls.examples, count, f"{cls.seed} {index}")


def report(plan, tried, exceptions, differences):
    for digits, answer, wanted in differences[:SHOWN]:
        print(f"+{digits}: {named(answer)}, expected {named(wanted)}; the rows of data/ give {named(plan.answer(digits))}")
    if len(differences) > SHOWN:
        print(f"… and {len(differences) - SHOWN} more")
    for reason, count in sorted(exceptions.items()):
        print(f"{count} numbers with an intended difference: {reason}")
    print(f"{tried} numbers tried, {len(differences)} differences")


def named(answer):
    region, kind = answer
    return f"{'no region' if region == '' else region or 'any region'} {kind}"


if __name__ == "__main__":
    sys.exit(main())
