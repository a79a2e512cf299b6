"""An authenticator app, on its own (RFC 6238): SHA-1, six digits, 30 seconds."""

import base64
import hashlib
import hmac

PERIOD = 30


def code_at(secret, seconds):
    """Returns the code of a secret in Base32 at this time."""
    step = (seconds // PERIOD).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), step, hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"


class Authenticator:
    def __init__(self, server, secret):
        self.server, self.secret = server, secret

    def code(self):
        return code_at(self.secret, self.server.now())

    def wrong(self):
        """Returns a code that is wrong now and in the steps around."""
        near = {code_at(self.secret, self.server.now() + PERIOD * step) for step in range(-3, 4)}
        return next(code for code in ("111111", "222222", "333333", "444444", "555555") if code not in near)

    def wait(self):
        """Waits until the app shows another code."""
        self.server.advance(PERIOD)
