#!/usr/bin/env python3
"""Compares countersign's formats with libphonenumber's, for the millions of numbers of compare.py.

    python3 agreement/formats.py
    python3 agreement/formats.py --typed

With `--typed`, it compares what a text field shows after each character with libphonenumber's
AsYouTypeFormatter. README.md describes what is compared.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys

from compare import SHOWN, VERSION, WORKSPACE, all_tasks  # checks the version of phonenumbers first
import candidates
import oracle
import typed
from phonenumbers import PhoneNumberFormat, format_number
from plan import FEWEST_DIGITS, Plan
from progress import progress

FORMATS = {
    "international": PhoneNumberFormat.INTERNATIONAL,
    "national": PhoneNumberFormat.NATIONAL,
    "RFC 3966": PhoneNumberFormat.RFC3966,
}
EXPECTED_NUMBERS = 8_000


def main():
    options = parse_options()
    plan = Plan(WORKSPACE / "data")
    if options.write_expected:
        write_expected(plan, options.seed)
        return 0
    example = build()
    tasks = list(typed.all_tasks(options) if options.typed else all_tasks(plan, options))
    totals = {}
    with multiprocessing.Pool(options.jobs, Worker.start, (plan, example, options.seed)) as pool:
        with progress(len(tasks)) as bar:
            run = Worker.compare_typed if options.typed else Worker.compare_formats
            for counts in pool.imap_unordered(run, tasks):
                for name, (count, differences) in counts.items():
                    total = totals.setdefault(name, [0, []])
                    total[0] += count
                    total[1] += differences
                bar.update(1)
    found = False
    for name, (count, differences) in totals.items():
        for shown in sorted(differences)[:SHOWN]:
            print("{}: {!r}, libphonenumber {!r}".format(*shown))
        unit = "prefixes typed" if options.typed else "numbers formatted"
        print(f"{name}: {count} {unit}, {len(differences)} differences")
        found |= bool(differences)
    return 1 if found or not totals else 0


def parse_options():
    parser = argparse.ArgumentParser(description="Compares countersign's formats with libphonenumber's.")
    parser.add_argument("--typed", action="store_true", help="compare text fields instead of formats")
    parser.add_argument("--random", type=int, help="number of random numbers (1000000; 100000 with --typed)")
    parser.add_argument("--seed", default="1", help="seed of random numbers and digits (1)")
    parser.add_argument("--jobs", type=int, help="number of processes (one for each core)")
    parser.add_argument(
        "--write-expected", action="store_true", help="compare nothing, and write tests/data/formats.csv and typed.csv"
    )
    options = parser.parse_args()
    if options.random is None:
        options.random = 100_000 if options.typed else 1_000_000
    return options


def build():
    """Builds the example `format` and returns its path."""
    command = ["cargo", "build", "--release", "--quiet", "-p", "countersign", "--features", "format"]
    command += ["--example", "format", "--message-format", "json"]
    built = subprocess.run(command, cwd=WORKSPACE, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        raise SystemExit("error: cargo failed to build the example `format`, see above")
    messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == "format"
    )


class Worker:
    """The state of a process, and the tasks that it runs."""

    @classmethod
    def start(cls, plan, example, seed):
        cls.plan, cls.example, cls.seed = plan, example, seed
        cls.examples = oracle.examples()

    @classmethod
    def compare_formats(cls, task):
        """Returns the count and the differences of each format."""
        name, arguments = task
        # Sorted, so that libphonenumber reuses the compiled patterns of a region.
        numbers = sorted(set(getattr(cls, name)(*arguments)))
        answers = cls.ask((f"+{digits}" for digits in numbers))
        counts = {name: [0, []] for name in FORMATS}
        for digits, line in zip(numbers, answers):
            number = oracle.as_object(digits)
            # Rejected numbers have no format: compare.py compares why.
            if number is None or len(digits) < FEWEST_DIGITS:
                if line:
                    raise AssertionError(f"+{digits} has formats: {line}")
                continue
            texts = line.split("\t") if line else [""] * len(FORMATS)
            for (name, style), text in zip(FORMATS.items(), texts):
                expected = format_number(number, style)
                counts[name][0] += 1
                if text != expected:
                    counts[name][1].append((f"+{digits}", text, expected))
        return counts

    @classmethod
    def compare_typed(cls, task):
        """Returns the count and the differences of national and international input."""
        lines = typed.lines(task, cls.plan, cls.examples, cls.seed)
        answers = cls.ask((f"{region},{text}" for region, text in lines), "--type")
        counts = {"national": [0, []], "international": [0, []]}
        for (region, text), line in zip(lines, answers):
            shown = line.split("\t")
            expected = typed.expected(region, text)
            count = counts["international" if text.startswith("+") or not region else "national"]
            count[0] += len(expected)
            if shown != expected:
                place = next((i for i, (a, b) in enumerate(zip(shown, expected)) if a != b), 0)
                count[1].append((f"{region or 'ZZ'} {text[: place + 1]}", shown[place], expected[place]))
        return counts

    @classmethod
    def ask(cls, lines, *options):
        text = "".join(f"{line}\n" for line in lines)
        command = [cls.example, *options]
        output = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
        # Not splitlines(), which would split at other characters that people type.
        answers = output.split("\n")[:-1]
        if len(answers) != text.count("\n"):
            raise AssertionError(f"the example wrote {len(answers)} lines for {text.count(chr(10))}")
        return answers

    @classmethod
    def given(cls, numbers):
        return numbers

    @classmethod
    def states(cls, prefixes):
        return candidates.states_and_digits(cls.plan, prefixes, cls.seed)

    @classmethod
    def random(cls, index, count):
        return candidates.random_and_mutated(cls.plan, cls.examples, count, f"{cls.seed} {index}")


def write_expected(plan, seed):
    """Writes the answers that `cargo test` replays without Python."""
    numbers = set(oracle.examples())
    numbers.update(candidates.random_and_mutated(plan, oracle.examples(), EXPECTED_NUMBERS, f"{seed} formats"))
    rows = []
    for digits in sorted(numbers):
        number = oracle.as_object(digits)
        if number is not None and len(digits) >= FEWEST_DIGITS:
            rows.append(",".join([digits, *(format_number(number, style) for style in FORMATS.values())]))
    write("formats.csv", "number,international,national,rfc3966", rows)
    write("typed.csv", "region,text,shown", typed.expected_rows(plan, seed))


def write(name, header, rows):
    path = WORKSPACE / "tests/data" / name
    with open(path, "w", newline="\n") as file:
        print(f"# agreement/formats.py --write-expected, phonenumbers=={VERSION}", header, sep="\n", file=file)
        file.writelines(f"{row}\n" for row in rows)
    print(f"{name}: {len(rows)} rows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
