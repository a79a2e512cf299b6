"""libphonenumber's answers about a number, from its Python port `phonenumbers`.

It is given number objects that are built from the digits. Its parser is not used, because it drops
what looks like a national prefix (+44 0…), which a strict E.164 parser must not.
"""

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberType,
    ValidationResult,
    is_possible_number_with_reason,
    is_valid_number,
    number_type,
    region_code_for_number,
)

NO_REGION = "001"


def answer(digits):
    """Returns the region and kind of a number, given as its E.164 digits without the plus.

    The region is "" if the number belongs to none, and None if libphonenumber returns none although
    its calling code has regions. The kind is a type in snake_case, "unallocated" for a number that
    is not valid but of a possible length, "impossible", or "unknown_calling_code".
    """
    number = as_object(digits)
    if number is None:
        return "", "unknown_calling_code"
    region = region_code_for_number(number)
    kind = number_type(number)
    if is_valid_number(number) != (kind != PhoneNumberType.UNKNOWN):
        raise AssertionError(f"+{digits}: libphonenumber contradicts itself about its validity")
    if kind != PhoneNumberType.UNKNOWN:
        name = PhoneNumberType.to_string(kind).lower()
    elif is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
        name = "unallocated"
    else:
        # The length is wrong, or (IS_POSSIBLE_LOCAL_ONLY) can be dialled only without the calling
        # code, which is not E.164.
        name = "impossible"
    return "" if region == NO_REGION else region, name


def as_object(digits):
    """Returns the number as libphonenumber's parser would build it, or None without an assigned
    calling code."""
    code = calling_code(digits)
    if code is None:
        return None
    national = digits[len(str(code)) :]
    # If all digits are zeros, the last one is the number.
    zeros = len(national) - max(1, len(national.lstrip("0")))
    return PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def calling_code(digits):
    """Returns the assigned calling code that the digits begin with. There is one at most."""
    for length in 1, 2, 3:
        if digits[0] != "0" and int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE:
            return int(digits[:length])
    return None


def examples():
    """Returns the digits of all example numbers in libphonenumber's metadata, sorted."""
    found = set()
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            for name in DESCRIPTIONS:
                description = getattr(metadata, name)
                if description is not None and description.example_number:
                    found.add(f"{code}{description.example_number}")
    return sorted(found)


DESCRIPTIONS = (
    "general_desc fixed_line mobile toll_free premium_rate shared_cost voip personal_number pager uan voicemail"
).split()
