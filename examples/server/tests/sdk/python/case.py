"""Test support: a server for each class, clients, unique users, and checks of errors."""

import functools
import inspect
import itertools
import re
import unittest
import uuid

import stytch
from stytch.core.response_base import StytchError

from server import SECRET, Server

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# A code, phone number or email address that might leak into an error message.
PRIVATE = re.compile(r"\b\d{6}\b|\+\d{7,15}|\S+@\S+\.\S+")

_users = itertools.count()


def number():
    """Returns a valid phone number that no other test uses, from the ranges reserved for fiction."""
    area, line = divmod(next(_users), 100)
    return f"+1{(201, 202, 203, 205, 206, 207, 208, 209, 210, 212)[area]}5550{100 + line}"


def address():
    return f"person-{next(_users)}@example.com"


def unknown(kind):
    """Returns a well-formed id that the server has not issued."""
    return f"{kind}-test-{uuid.uuid4()}"


def another(code):
    """Returns a different code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


class Channel:
    """One of the SDK's three OTP clients, so that a test can run on all of them."""

    def __init__(self, name, fresh, id_field, id_kind, not_found):
        self.name, self.fresh = name, fresh
        self.id_field, self.id_kind, self.not_found = id_field, id_kind, not_found

    def __repr__(self):
        return self.name

    def of(self, client):
        return getattr(client.otps, self.name)

    def send(self, client, to, **options):
        return self.of(client).send(to, **options)

    def login_or_create(self, client, to, **options):
        return self.of(client).login_or_create(to, **options)

    def method_id(self, response):
        return getattr(response, self.id_field)

    @property
    def user_field(self):
        return "email" if self.name == "email" else "phone_number"


SMS = Channel("sms", number, "phone_id", "phone-number", "phone_number_not_found")
WHATSAPP = Channel("whatsapp", number, "phone_id", "phone-number", "phone_number_not_found")
EMAIL = Channel("email", address, "email_id", "email", "email_not_found")
CHANNELS = SMS, WHATSAPP, EMAIL


def each_channel(test):
    """Runs a test on each channel."""

    @functools.wraps(test)
    def of_all(self):
        for channel in CHANNELS:
            with self.subTest(channel=channel.name):
                test(self, channel)

    @functools.wraps(test)
    async def of_all_awaited(self):
        for channel in CHANNELS:
            with self.subTest(channel=channel.name):
                await test(self, channel)

    return of_all_awaited if inspect.iscoroutinefunction(test) else of_all


class Case(unittest.TestCase):
    """A test case with a server and a client for all tests of its class."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.start()
        cls.addClassCleanup(cls.server.stop)
        cls.client = cls.connect()

    @classmethod
    def start(cls):
        return Server()

    @classmethod
    def connect(cls, project_id=None, secret=SECRET):
        project_id = project_id or cls.server.project_id
        return stytch.Client(project_id=project_id, secret=secret, environment=cls.server.url)

    def assertFails(self, status, error_type, call, *arguments, **options):
        """Checks that a call raises the SDK's own error, with all of its fields."""
        with self.assertRaises(StytchError) as caught:
            call(*arguments, **options)
        return self.assertIsError(caught.exception, status, error_type)

    def assertIsError(self, error, status, error_type):
        details = error.details
        self.assertEqual((details.error_type, details.status_code), (error_type, status))
        self.assertRegex(details.request_id, f"^request-id-test-{UUID}$")
        self.assertRegex(details.error_url, "^https?://")
        self.assertGreater(len(details.error_message), 10)
        self.assertNotRegex(details.error_message, PRIVATE)
        return details

    def assertSucceeded(self, response):
        self.assertEqual(response.status_code, 200)
        self.assertRegex(response.request_id, f"^request-id-test-{UUID}$")
        return response

    def assertNothingSent(self, to):
        self.assertEqual(self.server.outbox(to), [])

    def sent(self, channel=SMS, **options):
        """Sends a code to a new user. Returns the recipient, the method_id and the code."""
        to = channel.fresh()
        response = channel.login_or_create(self.client, to, **options)
        return to, channel.method_id(response), self.server.code(to)

    def authenticate(self, method_id, code, **options):
        return self.assertSucceeded(self.client.otps.authenticate(method_id, code, **options))
