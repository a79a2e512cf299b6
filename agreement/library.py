"""countersign's answers about numbers: the kind and region columns of `countersign audit`."""

import json
import subprocess


def build(workspace):
    """Builds the command and returns its path."""
    command = ["cargo", "build", "--release", "--quiet", "-p", "countersign-cli", "--message-format", "json"]
    built = subprocess.run(command, cwd=workspace, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        raise SystemExit("error: cargo failed to build the command `countersign`, see above")
    messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == "countersign"
    )


def answers(audit, numbers):
    """Returns the region and kind of each number, in the terms of oracle.answer(). For a rejected
    number, the kind is the name of the error."""
    text = "".join(f"+{digits}\n" for digits in numbers)
    output = subprocess.run([audit, "audit", "--allow", "all"], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = output.splitlines()
    header, rows = lines[0], lines[1:]
    if header != "input,number,region,kind,decision,reason" or len(rows) != len(numbers):
        raise AssertionError(f"audit wrote {len(rows)} rows for {len(numbers)} numbers, with the header {header!r}")
    return [answer(digits, *row.split(",")) for digits, row in zip(numbers, rows)]


def answer(digits, given, number, region, kind, decision, reason):
    if given != f"+{digits}" or number not in ("", given):
        raise AssertionError(f"audit answered {given!r} {number!r} for +{digits}")
    return region, kind if number else reason.partition(":")[2]
