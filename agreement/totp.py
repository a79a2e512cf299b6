#!/usr/bin/env python3
"""Compares the example `totp` with other authenticators, on random input.

    python3 -m pip install pyotp        # a check that finds no peer is skipped with a message
    apt-get install oathtool
    python3 agreement/totp.py

The last line is the result: `N cases tried, D differences`.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import random
import shutil
import string
import subprocess
import sys
from pathlib import Path

try:
    import pyotp
except ModuleNotFoundError:
    pyotp = None

WORKSPACE = Path(__file__).resolve().parent.parent
ALGORITHMS = {"SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}
SHOWN = 20


def main():
    options = parse_options()
    subprocess.run(cargo("build"), cwd=WORKSPACE, check=True)
    draw = random.Random(options.seed)
    tried, differences = 0, []
    for name, is_there, check, count in [
        ("pyotp: codes", pyotp, codes_of_pyotp, options.cases),
        ("pyotp: checks", pyotp, checks_of_pyotp, options.cases),
        ("pyotp: reads our URIs", pyotp, our_uris, options.cases),
        ("pyotp: we read its URIs", pyotp, uris_of_pyotp, options.cases),
        ("oathtool: codes", shutil.which("oathtool"), codes_of_oathtool, options.processes),
        ("oathtool: checks", shutil.which("oathtool"), checks_of_oathtool, options.processes),
    ]:
        if not is_there:
            print(f"{name}: skipped, {name.partition(':')[0]} is not installed")
            continue
        different = check(draw, count)
        print(f"{name}: {count} tried, {len(different)} differences")
        tried += count
        differences += different
    for line in differences[:SHOWN]:
        print(line)
    print(f"{tried} cases tried, {len(differences)} differences")
    return 1 if differences else 0


def parse_options():
    parser = argparse.ArgumentParser(description="Compares the example `totp` with pyotp and oathtool.")
    parser.add_argument("--cases", type=int, default=10_000, help="cases of each comparison with pyotp")
    parser.add_argument("--processes", type=int, default=3_000, help="cases of each comparison with oathtool")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def cargo(command):
    return ["cargo", command, "-q", "--release", "--features", "totp", "--example", "totp"]


def ours(mode, lines):
    """Returns the answers of the example, as lists of fields."""
    text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
    command = [*cargo("run"), "--", mode]
    answered = subprocess.run(command, cwd=WORKSPACE, input=text.encode(), stdout=subprocess.PIPE, check=True)
    answers = answered.stdout.decode().split("\n")[:-1]
    if len(answers) != len(lines):
        raise AssertionError(f"{len(answers)} answers to {len(lines)} lines")
    return [answer.split("\t") for answer in answers]


def compared(lines, answers, expected):
    """Returns a line for each answer that is not as expected."""
    rows = zip(lines, answers, expected, strict=True)
    return [f"{line}: ours {answer}, theirs {wanted}" for line, answer, wanted in rows if answer != wanted]


class Case:
    """A random secret, settings and time."""

    def __init__(self, draw):
        self.secret = draw.randbytes(draw.randint(16, 64))
        self.algorithm = draw.choice(list(ALGORITHMS))
        self.digits = draw.choice([6, 7, 8])
        self.period = draw.randint(15, 120)
        self.time = draw.choice([draw.randrange(10**5), draw.randrange(2**31), draw.randrange(2**35)])

    def base32(self):
        return base64.b32encode(self.secret).decode().rstrip("=")

    def written(self, draw):
        """The secret as people write it."""
        text = base64.b32encode(self.secret).decode()
        text = text if draw.random() < 0.5 else text.rstrip("=")
        text = text.lower() if draw.random() < 0.5 else text
        return text if draw.random() < 0.5 else " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    def settings(self):
        return [self.algorithm, self.digits, self.period]

    def pyotp(self, **names):
        digest = getattr(hashlib, ALGORITHMS[self.algorithm])
        return pyotp.TOTP(self.base32(), digits=self.digits, digest=digest, interval=self.period, **names)

    def oathtool(self, *options):
        command = ["oathtool", "-b", f"--totp={ALGORITHMS[self.algorithm]}", f"-d{self.digits}"]
        command += [f"--time-step-size={self.period}s", f"--now=@{self.time}", self.base32(), *options]
        return subprocess.run(command, capture_output=True, text=True)


def codes_of_pyotp(draw, count):
    cases = [Case(draw) for _ in range(count)]
    lines = [[*case.settings(), case.written(draw), case.time] for case in cases]
    # By the step, because pyotp takes no times after the year 9999.
    expected = [[case.pyotp().generate_otp(case.time // case.period)] for case in cases]
    return compared(lines, ours("code", lines), expected)


def codes_of_oathtool(draw, count):
    cases = [Case(draw) for _ in range(count)]
    lines = [[*case.settings(), case.written(draw), case.time] for case in cases]
    expected = [[case.oathtool().stdout.strip()] for case in cases]
    return compared(lines, ours("code", lines), expected)


def shown_code(draw, case, window):
    """A code of a step near the window, sometimes mistyped."""
    step = max(0, case.time // case.period + draw.randint(-window - 2, window + 2))
    code = code_of_step(case, step)
    if draw.random() < 0.1:
        at = draw.randrange(len(code))
        code = code[:at] + str((int(code[at]) + 1) % 10) + code[at + 1 :]
    return code


def code_of_step(case, step):
    """The code of a step by the standard library."""
    digest = hmac.digest(case.secret, step.to_bytes(8, "big"), ALGORITHMS[case.algorithm])
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**case.digits).zfill(case.digits)


def checks_of_pyotp(draw, count):
    lines, expected = [], []
    for _ in range(count):
        case, window = Case(draw), draw.randint(0, 10)
        # pyotp has no steps before the epoch.
        case.time += 20 * case.period
        code = shown_code(draw, case, window)
        moment = datetime.datetime.fromtimestamp(case.time)
        lines.append([*case.settings(), window, case.written(draw), "-", case.time, spaced(draw, code)])
        expected.append(case.pyotp().verify(code, for_time=moment, valid_window=window))
    answers = [answer[0] == "right" for answer in ours("check", lines)]
    return compared(lines, answers, expected)


def checks_of_oathtool(draw, count):
    """oathtool prints how many steps away a match is, without a sign."""
    lines, expected = [], []
    for _ in range(count):
        case, window = Case(draw), draw.randint(0, 10)
        case.time += 20 * case.period
        code = shown_code(draw, case, window)
        checked = case.oathtool(code, f"-w{window}")
        lines.append([*case.settings(), window, case.written(draw), "-", case.time, spaced(draw, code)])
        expected.append(checked.stdout.strip() if checked.returncode == 0 else "wrong")
    answers = [str(abs(int(answer[2]))) if answer[0] == "right" else answer[0] for answer in ours("check", lines)]
    return compared(lines, answers, expected)


def spaced(draw, code):
    return code if draw.random() < 0.5 else f"{code[:3]} {code[3:]}"


def name(draw):
    """A name without a space at its ends: pyotp strips accounts."""
    characters = string.ascii_letters + string.digits + " .-_~!@#$%&'()*+,/;=?[]é東😀"
    return ("".join(draw.choices(characters, k=draw.randint(1, 64)))).strip() or "a"


def our_uris(draw, count):
    lines, expected = [], []
    for _ in range(count):
        case = Case(draw)
        lines.append([name(draw), name(draw), *case.settings(), case.base32()])
        expected.append([case.base32(), lines[-1][0], lines[-1][1], case.algorithm.lower(), case.digits, case.period])
    answers = [fields_of(uri[0]) for uri in ours("uri", lines)]
    return compared(lines, answers, expected)


def fields_of(uri):
    read = pyotp.parse_uri(uri)
    return [read.secret, read.issuer, read.name, read.digest().name, read.digits, read.interval]


def uris_of_pyotp(draw, count):
    lines, expected = [], []
    for _ in range(count):
        case, issuer, account = Case(draw), name(draw), name(draw)
        uri = case.pyotp(issuer=issuer, name=account).provisioning_uri()
        lines.append([uri if draw.random() < 0.5 else uri.replace(":", "%3A%20").replace("%3A%20", ":", 1)])
        expected.append([issuer, account, *map(str, case.settings()), case.base32()])
    return compared(lines, ours("read", lines), expected)


if __name__ == "__main__":
    sys.exit(main())
