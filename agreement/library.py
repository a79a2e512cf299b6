"""What countersign says of numbers: the kind and region columns of the command `countersign audit`."""

import json
import subprocess


def build(workspace):
    """Compiles the command and returns the path of the program."""
    command = ["cargo", "build", "--release", "--quiet", "-p", "countersign-cli", "--message-format", "json"]
    built = subprocess.run(command, cwd=workspace, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        raise SystemExit("error: the command `countersign` does not build, see above")
    messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == "countersign"
    )


def answers(audit, numbers):
    """The region and kind of each number, in the words of oracle.answer(). Where it is refused, the kind is the name of
    the error."""
    text = "".join(f"+{digits}\n" for digits in numbers)
    output = subprocess.run([audit, "audit", "--allow", "all"], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = output.splitlines()
    header, rows = lines[0], lines[1:]
    if header != "input,number,region,kind,decision,reason" or len(rows) != len(numbers):
        raise AssertionError(f"audit wrote {len(rows)} rows for {len(numbers)} numbers, under the header {header!r}")
    return [answer(digits, *row.split(",")) for digits, row in zip(numbers, rows)]


def answer(digits, given, number, region, kind, decision, reason):
    if given != f"+{digits}" or number not in ("", given):
        raise AssertionError(f"audit answers {given!r} {number!r} for +{digits}")
    return region, kind if number else reason.partition(":")[2]
