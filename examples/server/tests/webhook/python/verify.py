"""Runs the official verifier on a message: JSON from standard input, its verdict to standard output."""

import datetime
import json
import sys
from unittest import mock

from standardwebhooks import webhooks

given = json.load(sys.stdin)


class Later(datetime.datetime):
    """The verifier's clock, shifted by this many seconds."""

    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=given["later"])


with mock.patch.object(webhooks, "datetime", Later):
    try:
        accepted = webhooks.Webhook(given["secret"]).verify(given["body"].encode(), given["headers"])
        verdict = {"accepted": accepted}
    except webhooks.WebhookVerificationError as error:
        verdict = {"rejected": str(error)}

json.dump(verdict, sys.stdout)
