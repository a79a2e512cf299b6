"""authenticate: a correct code succeeds once, and others fail."""

from concurrent.futures import ThreadPoolExecutor

import stytch
from stytch.core.response_base import StytchError

from case import EMAIL, SMS, WHATSAPP, Case, another, each_channel, number, unknown
from server import SECRET

NOT_CODES = "", "12345", "1234567", "abcdef", "12 345", "12345a", "١٢٣٤٥٦", "-12345"


class Codes(Case):
    @each_channel
    def test_correct_code_succeeds(self, channel):
        to, method_id, code = self.sent(channel)
        answer = self.authenticate(method_id, code)
        self.assertEqual(answer.method_id, method_id)
        self.assertEqual(answer.user_id, answer.user.user_id)
        self.assertIs(answer.reset_sessions, False)
        self.assertIsNone(answer.session)
        self.assertEqual((answer.session_token, answer.session_jwt), ("", ""))
        factors = answer.user.emails if channel is EMAIL else answer.user.phone_numbers
        [factor] = factors
        self.assertEqual(getattr(factor, channel.user_field), to)
        self.assertIs(factor.verified, True)

    @each_channel
    def test_wrong_code_does_not_invalidate_the_correct_one(self, channel):
        _, method_id, code = self.sent(channel)
        for wrong in another(code), another(another(code)):
            self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, method_id, wrong)
        self.authenticate(method_id, code)

    @each_channel
    def test_code_succeeds_once(self, channel):
        _, method_id, code = self.sent(channel)
        self.authenticate(method_id, code)
        for _ in range(3):
            self.assertRefused(method_id, code)

    def test_one_concurrent_submission_succeeds(self):
        _, method_id, code = self.sent()
        clients = [
            stytch.Client(project_id=self.server.project_id, secret=SECRET, environment=self.server.url)
            for _ in range(8)
        ]

        def attempt(client):
            try:
                return client.otps.authenticate(method_id, code).status_code
            except StytchError as error:
                return error.details.error_type

        with ThreadPoolExecutor(len(clients)) as pool:
            verdicts = sorted(pool.map(attempt, clients), key=str)
        self.assertEqual(verdicts, [200] + ["unable_to_auth_otp_code"] * 7)

    @each_channel
    def test_newer_code_supersedes_the_older_one(self, channel):
        for resend in channel.send, channel.login_or_create:
            to, method_id, old = self.sent(channel)
            resend(self.client, to)
            self.assertSuperseded(to, method_id, old)

    @each_channel
    def test_newer_code_with_another_lifetime_supersedes_the_older_one(self, channel):
        for first, second in [(10, 1), (1, 10), (None, 5)]:
            to, method_id, old = self.sent(channel, expiration_minutes=first)
            channel.send(self.client, to, expiration_minutes=second)
            self.assertSuperseded(to, method_id, old)

    def test_newer_code_on_another_channel_supersedes_the_older_one(self):
        for first, second in [(SMS, WHATSAPP), (WHATSAPP, SMS)]:
            for resend in second.send, second.login_or_create:
                to, method_id, old = self.sent(first)
                resend(self.client, to)
                self.assertSuperseded(to, method_id, old)

    @each_channel
    def test_refused_resend_does_not_invalidate_the_code(self, channel):
        to, method_id, code = self.sent(channel)
        options = {"expiration_minutes": 11}
        self.assertFails(400, "invalid_expiration_otp", channel.send, self.client, to, **options)
        self.assertFails(400, "invalid_locale", channel.send, self.client, to, locale="xx")
        self.authenticate(method_id, code)

    @each_channel
    def test_rejects_malformed_codes(self, channel):
        _, method_id, code = self.sent(channel)
        for text in NOT_CODES:
            self.assertFails(400, "invalid_code", self.client.otps.authenticate, method_id, text)
        self.authenticate(method_id, code)

    def test_rejects_malformed_method_ids(self):
        user_id = self.client.users.create(phone_number=number()).user_id
        for text in "", "nonsense", "phone-number-test-", "email-test-1", user_id:
            self.assertFails(400, "invalid_method_id", self.client.otps.authenticate, text, "123456")

    def test_rejects_fields_of_the_wrong_type(self):
        _, method_id, code = self.sent()
        authenticate = self.client.otps.authenticate
        self.assertFails(400, "bad_request", authenticate, method_id, int("1" + code))
        self.assertFails(400, "bad_request", authenticate, 1, code)
        self.assertFails(400, "bad_request", authenticate, method_id, code, session_duration_minutes="60")
        self.authenticate(method_id, code)

    def test_rejects_unknown_methods(self):
        for kind in "phone-number", "email":
            self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, unknown(kind), "123456")

    def test_rejects_a_number_that_was_sent_nothing(self):
        user = self.client.users.create(phone_number=number())
        self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, user.phone_id, "123456")

    def test_rejects_the_code_of_another_method(self):
        _, mine, code = self.sent()
        _, theirs, their_code = self.sent(EMAIL)
        if code == their_code:
            self.skipTest("the two happen to have the same code")
        self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, theirs, code)
        self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, mine, their_code)

    def assertRefused(self, method_id, code):
        self.assertFails(401, "unable_to_auth_otp_code", self.client.otps.authenticate, method_id, code)

    def assertSuperseded(self, to, method_id, old):
        """Checks that the older code fails and the newer one succeeds."""
        self.assertRefused(method_id, old)
        self.authenticate(method_id, self.server.code(to))
        self.assertRefused(method_id, old)


class Sandbox(Case):
    """The sandbox phone number and email address: the code 000000 succeeds, and nothing is sent."""

    RECIPIENTS = (SMS, "+10000000000"), (WHATSAPP, "+10000000000"), (EMAIL, "sandbox@stytch.com")

    def test_needs_no_existing_user(self):
        for channel, to in self.RECIPIENTS:
            for call in channel.send, channel.login_or_create, channel.send:
                with self.subTest(channel=channel.name, call=call.__name__):
                    response = self.assertSucceeded(call(self.client, to))
                    answer = self.authenticate(channel.method_id(response), "000000")
                    self.assertEqual(answer.user_id, response.user_id)
                    self.assertNothingSent(to)

    def test_other_codes_fail(self):
        for channel, to in self.RECIPIENTS:
            method_id = channel.method_id(channel.login_or_create(self.client, to))
            for code in "000001", "123456":
                self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, method_id, code)
            self.authenticate(method_id, "000000")

    @each_channel
    def test_sandbox_code_fails_for_other_recipients(self, channel):
        _, method_id, code = self.sent(channel)
        if code != "000000":
            self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, method_id, "000000")
