"""Allowed countries: the default, and changes with the provider's own management SDK."""

import requests
from requests.adapters import HTTPAdapter
from stytch_management import Client as ManagementClient
from stytch_management.errors import StytchError as ManagementError

from case import SMS, WHATSAPP, Case, number
from server import KEY_ID, KEY_SECRET, SECRET

CANADIAN, BRITISH, FRENCH, DANISH = "+14165550123", "+447400123456", "+33612345678", "+4532123456"
# The Bahamas and Jersey share calling codes with the United States and the United Kingdom.
BAHAMIAN, OF_JERSEY, NIGERIAN, INDONESIAN = "+12423591234", "+447797712345", "+2348021234567", "+6281212345678"

INVALID, EMPTY = "country_code_allowlist_invalid_country_codes", "country_code_allowlist_empty"


class Loopback(HTTPAdapter):
    """Redirects the management SDK, which requires https, to a server on loopback."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, **options):
        request.url = request.url.replace("https://countersign.test/", self.url)
        return super().send(request, **options)


class Managed(Case):
    """A test case with a management SDK client."""

    def manager(self, key_id=KEY_ID, secret=KEY_SECRET):
        session = requests.Session()
        session.mount("https://", Loopback(self.server.url))
        self.addCleanup(session.close)
        client = ManagementClient(key_id, secret, base_url="https://countersign.test/", session=session)
        return client.country_code_allowlist

    def get(self, channel, manager=None):
        name = f"get_allowed_{channel.name}_country_codes"
        response = getattr(manager or self.manager(), name)("a-project", "a-place")
        return sorted(self.assertSucceeded(response).country_codes)

    def set(self, channel, codes, manager=None):
        name = f"set_allowed_{channel.name}_country_codes"
        response = getattr(manager or self.manager(), name)("a-project", "a-place", codes)
        return sorted(self.assertSucceeded(response).country_codes)

    def assertManagementFails(self, status, error_type, call, *arguments):
        with self.assertRaises(ManagementError) as caught:
            call(*arguments)
        self.assertIsError(caught.exception, status, error_type)

    def assertCountryRefused(self, channel, to):
        before = self.server.outbox(to)
        for call in channel.send, channel.login_or_create:
            self.assertFails(400, "invalid_phone_number_country_code", call, self.client, to)
        self.assertEqual(self.server.outbox(to), before)


class Defaults(Managed):
    """A server with the default allowlists."""

    def test_default_allowlist(self):
        for channel in SMS, WHATSAPP:
            self.assertEqual(self.get(channel), ["CA", "US"])

    def test_refuses_countries_that_are_not_allowed_or_not_supported(self):
        for channel in SMS, WHATSAPP:
            for to in BRITISH, FRENCH, DANISH, OF_JERSEY, BAHAMIAN, NIGERIAN, INDONESIAN:
                with self.subTest(channel=channel.name, to=to):
                    self.assertCountryRefused(channel, to)
            for to in number(), CANADIAN:
                self.assertSucceeded(channel.login_or_create(self.client, to))


class Changes(Managed):
    """Changes of the allowlists. Each test begins with the default."""

    def setUp(self):
        for channel in SMS, WHATSAPP:
            self.set(channel, ["US", "CA"])

    def test_refused_number_creates_no_user(self):
        self.assertCountryRefused(SMS, DANISH)
        user_id = self.client.users.create().user_id
        refused = "invalid_phone_number_country_code"
        self.assertFails(400, refused, self.client.otps.sms.send, DANISH, user_id=user_id)
        self.assertEqual(self.client.users.get(user_id).phone_numbers, [])
        self.set(SMS, ["DK"])
        self.assertFails(404, "phone_number_not_found", self.client.otps.sms.send, DANISH)
        self.assertNothingSent(DANISH)

    def test_changes_apply_to_one_channel(self):
        for channel, other in (SMS, WHATSAPP), (WHATSAPP, SMS):
            with self.subTest(channel=channel.name):
                self.setUp()
                self.assertEqual(self.set(channel, ["GB", "US", "DK"]), ["DK", "GB", "US"])
                self.assertEqual(self.get(channel), ["DK", "GB", "US"])
                self.assertEqual(self.get(other), ["CA", "US"])
                self.assertSucceeded(channel.login_or_create(self.client, BRITISH))
                self.assertEqual(self.server.outbox(BRITISH)[-1]["channel"], channel.name)
                self.assertFails(400, "invalid_phone_number_country_code", channel.send, self.client, CANADIAN)
                self.assertFails(400, "invalid_phone_number_country_code", other.send, self.client, BRITISH)
                # Jersey is not part of the United Kingdom.
                self.assertCountryRefused(channel, OF_JERSEY)

    def test_country_supported_on_one_channel_only(self):
        self.assertEqual(self.set(WHATSAPP, ["JE"]), ["JE"])
        self.assertSucceeded(self.client.otps.whatsapp.login_or_create(OF_JERSEY))
        self.assertManagementFails(400, INVALID, self.set, SMS, ["JE"])

    def test_refused_change_changes_nothing(self):
        for channel in SMS, WHATSAPP:
            with self.subTest(channel=channel.name):
                self.set(channel, ["US", "GB"])
                for codes in ["NG"], ["FR", "NG"], ["FR", "YF"], ["FR", "ZZ"], ["FR", ""], ["FRA"]:
                    self.assertManagementFails(400, INVALID, self.set, channel, codes)
                    self.assertEqual(self.get(channel), ["GB", "US"])
                self.assertManagementFails(400, EMPTY, self.set, channel, [])
                self.assertEqual(self.get(channel), ["GB", "US"])
                self.assertSucceeded(channel.login_or_create(self.client, BRITISH))
                self.assertCountryRefused(channel, FRENCH)

    def test_requires_the_management_key(self):
        for wrong in (
            self.manager(secret="workspace-secret-of-another"),
            self.manager(key_id="workspace-key-of-another"),
            self.manager(self.server.project_id, SECRET),
        ):
            self.assertManagementFails(401, "unauthorized_credentials", self.get, SMS, wrong)
            self.assertManagementFails(401, "unauthorized_credentials", self.set, SMS, ["FR"], wrong)
        self.assertEqual(self.get(SMS), ["CA", "US"])
        keyed = self.connect(KEY_ID, KEY_SECRET)
        self.assertFails(401, "unauthorized_credentials", keyed.otps.sms.login_or_create, number())
