#!/usr/bin/env python3
"""Gets libphonenumber's metadata from its Python port, https://pypi.org/project/phonenumbers/.

    python3 fetch.py newest target/phonenumbers

downloads the wheel, checks its hash, unpacks it into `target/phonenumbers/9.0.43/` and writes its
metadata there, as `PhoneNumberMetadata.xml`. The last line of the output is the version. A wheel
that is there already is not downloaded again.

`cargo run -p countersign-numbering -- refresh` runs this script.
"""

import hashlib
import io
import json
import os
import re
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import to_xml

# The index in JSON: PEP 691, with the upload times of PEP 700.
INDEX = "https://pypi.org/simple/phonenumbers/"
JSON = "application/vnd.pypi.simple.v1+json"
SECONDS = 60
# Written last, so that it is there only if all the rest is.
XML = "PhoneNumberMetadata.xml"


def main():
    if len(sys.argv) != 3:
        raise SystemExit("usage: fetch.py newest|X.Y.Z FOLDER")
    wanted, folder = sys.argv[1], Path(sys.argv[2])
    if wanted == "newest" or not (folder / wanted / XML).exists():
        wheel = find(wanted)
        wanted = wheel["version"]
        if not (folder / wanted / XML).exists():
            fetch(wheel, folder / wanted)
    print(wanted)


def find(wanted):
    """Returns the wheel of a version: its version, address, hash and time of upload."""
    request = urllib.request.Request(INDEX, headers={"Accept": JSON})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        files = json.load(answer)["files"]
    wheels = {}
    for file in files:
        name = re.fullmatch(r"phonenumbers-(\d+\.\d+\.\d+)-py.*-none-any\.whl", file["filename"])
        if name and not file.get("yanked"):
            wheels[name[1]] = {**file, "version": name[1]}
    if wanted == "newest":
        return wheels[max(wheels, key=lambda version: [int(part) for part in version.split(".")])]
    if wanted not in wheels:
        raise SystemExit(f"error: PyPI has no wheel of phonenumbers {wanted}")
    return wheels[wanted]


def fetch(wheel, folder):
    """Unpacks a wheel into a folder, and writes its metadata there."""
    content = download(wheel["url"], wheel["size"])
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        raise SystemExit(f"error: {wheel['filename']} does not have the hash that PyPI's index states")
    # Python would never remove the modules of an older, incomplete run.
    shutil.rmtree(folder, ignore_errors=True)
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    date = wheel["upload-time"].partition("T")[0]
    text = to_xml.convert(folder, wheel["version"], date)
    (folder / XML).write_text(text, encoding="utf-8")


def download(url, size):
    parts, done = [], 0
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        while part := answer.read(1 << 16):
            parts.append(part)
            done += len(part)
            if sys.stderr.isatty():
                print(f"\r{url.rpartition('/')[2]}: {100 * done // size:3}%", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return b"".join(parts)


if __name__ == "__main__":
    try:
        main()
    except (urllib.error.URLError, TimeoutError) as error:
        raise SystemExit(f"error: PyPI cannot be reached: {error}")
    except BrokenPipeError:
        os._exit(1)
