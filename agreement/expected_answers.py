"""Writes tests/data/agreement.csv, which `cargo test` replays without Python."""

import candidates
import oracle
from exceptions import expected

RANDOM = 10_000


def write(plan, version, seed, path):
    """Writes `number,region,kind` of tens of thousands of numbers, sorted. The region `?` matches any."""
    numbers = set(oracle.examples())
    numbers.update(candidates.shorter_than_allowed(plan))
    numbers.update(candidates.bounds(plan))
    numbers.update(candidates.random_and_mutated(plan, oracle.examples(), RANDOM, seed))
    lines = [f"# agreement/compare.py --write-expected, phonenumbers=={version}", "number,region,kind"]
    for digits in sorted(numbers):
        (region, kind), _ = expected(digits)
        lines.append(f"{digits},{'?' if region is None else region},{kind}")
    with open(path, "w", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    print(f"{path.name}: {len(numbers)} numbers, {path.stat().st_size} bytes")
