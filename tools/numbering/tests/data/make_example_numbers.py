"""Writes example_numbers.csv: libphonenumber's answers about each example number in its metadata.

It uses libphonenumber's Python port, https://pypi.org/project/phonenumbers/, in the version in
data/metadata_version.txt. `countersign-numbering refresh` runs it; by hand, with that package:

    python make_example_numbers.py > example_numbers.csv

The numbers are given as digits and never parsed, because parsing drops what looks like a national
prefix.

The file is derived from libphonenumber's metadata: Apache-2.0, Copyright (C) The Libphonenumber Authors.
"""

import csv
import sys

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberType,
    number_type,
    region_code_for_number,
)

DESCRIPTIONS = (
    "general_desc fixed_line mobile toll_free premium_rate shared_cost voip personal_number pager uan voicemail"
).split()


def number(calling_code, national_number):
    zeros = len(national_number) - len(national_number.lstrip("0"))
    return PhoneNumber(
        country_code=calling_code,
        national_number=int(national_number),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def examples():
    for calling_code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            if region == "001":
                metadata = PhoneMetadata.metadata_for_nongeo_region(calling_code)
            else:
                metadata = PhoneMetadata.metadata_for_region(region)
            for name in DESCRIPTIONS:
                description = getattr(metadata, name)
                if description is not None and description.example_number:
                    yield calling_code, description.example_number


rows = []
for calling_code, national_number in set(examples()):
    asked = number(calling_code, national_number)
    region = region_code_for_number(asked) or ""
    kind = PhoneNumberType.to_string(number_type(asked))
    rows.append((str(calling_code), national_number, kind, "" if region == "001" else region))

writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(("calling_code", "national_number", "type", "region"))
writer.writerows(sorted(rows))
