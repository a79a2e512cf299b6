"""Authenticator apps and recovery codes."""

import unittest

import jwt
import stytch

from authenticator import Authenticator
from case import UUID, Case, number, unknown
from server import SECRET

UNABLE = 401, "unable_to_authenticate_totp"
UNABLE_TO_RECOVER = 401, "unable_to_authenticate_recovery_code"
LOCKED = 429, "user_lock_limit_reached"


class Totps(Case):
    def create(self, user_id=None, **options):
        user_id = user_id or self.client.users.create(phone_number=number()).user_id
        created = self.assertSucceeded(self.client.totps.create(user_id, **options))
        return created, Authenticator(self.server, created.secret)

    def enrol(self, user_id=None):
        created, app = self.create(user_id)
        self.assertSucceeded(self.client.totps.authenticate(created.user_id, app.code()))
        app.wait()
        return created, app

    def test_create(self):
        created, _ = self.create()
        self.assertRegex(created.totp_id, f"^totp-test-{UUID}$")
        self.assertRegex(created.secret, "^[A-Z2-7]{32}$")
        self.assertTrue(created.qr_code.startswith("data:image/png;base64,iVBOR"))
        self.assertEqual(len(set(created.recovery_codes)), 10)
        for code in created.recovery_codes:
            self.assertRegex(code, "^([a-z0-9]{4}-){2}[a-z0-9]{4}$")
        self.assertEqual(created.user.user_id, created.user_id)
        for user in created.user, self.client.users.get(created.user_id):
            [totp] = user.totps
            self.assertEqual((totp.totp_id, totp.verified), (created.totp_id, False))

    def test_first_code_confirms(self):
        created, app = self.create()
        code = app.code()
        answer = self.assertSucceeded(self.client.totps.authenticate(created.user_id, code))
        self.assertEqual((answer.user_id, answer.totp_id), (created.user_id, created.totp_id))
        self.assertIsNone(answer.session)
        self.assertEqual((answer.session_token, answer.session_jwt), ("", ""))
        for user in answer.user, self.client.users.get(created.user_id):
            [totp] = user.totps
            self.assertEqual((totp.totp_id, totp.verified), (created.totp_id, True))
        again = 401, "totp_code_already_authenticated"
        self.assertFails(*again, self.client.totps.authenticate, created.user_id, code)
        self.assertFails(400, "active_totp_exists", self.client.totps.create, created.user_id)
        app.wait()
        self.assertSucceeded(self.client.totps.authenticate(created.user_id, app.code()))

    def test_wrong_and_malformed_codes(self):
        created, app = self.enrol()
        for code in app.wrong(), "", "12345", "1234567", "abcdef", "١٢٣٤٥٦":
            self.assertFails(*UNABLE, self.client.totps.authenticate, created.user_id, code)
        self.assertSucceeded(self.client.totps.authenticate(created.user_id, app.code()))

    def test_without_an_app(self):
        user_id = self.client.users.create().user_id
        self.assertFails(*UNABLE, self.client.totps.authenticate, user_id, "123456")
        self.assertFails(*UNABLE_TO_RECOVER, self.client.totps.recover, user_id, "aaaa-bbbb-cccc")
        self.assertEqual(self.assertSucceeded(self.client.totps.recovery_codes(user_id)).totps, [])

    def test_unknown_users(self):
        user_id = unknown("user")
        for call, arguments in [
            (self.client.totps.create, []),
            (self.client.totps.authenticate, ["123456"]),
            (self.client.totps.recovery_codes, []),
            (self.client.totps.recover, ["aaaa-bbbb-cccc"]),
        ]:
            self.assertFails(404, "user_not_found", call, user_id, *arguments)

    def test_expiration(self):
        user_id = self.client.users.create().user_id
        for minutes in 4, 1441, 0, -1:
            create, options = self.client.totps.create, {"expiration_minutes": minutes}
            self.assertFails(400, "bad_request", create, user_id, **options)
        for minutes in 5, 1440, None:
            created, app = self.create(user_id, expiration_minutes=minutes)
            self.server.advance(60 * (minutes or 1440) + 1)
            self.assertFails(*UNABLE, self.client.totps.authenticate, user_id, app.code())
            self.assertEqual(self.client.users.get(user_id).totps, [])

    def test_restarted_enrolment_replaces_the_secret(self):
        first, old = self.create()
        second, new = self.create(first.user_id)
        self.assertNotEqual(first.totp_id, second.totp_id)
        self.assertFails(*UNABLE, self.client.totps.authenticate, first.user_id, old.code())
        self.assertSucceeded(self.client.totps.authenticate(first.user_id, new.code()))
        self.assertFails(*UNABLE_TO_RECOVER, self.client.totps.recover, first.user_id, first.recovery_codes[0])
        self.assertSucceeded(self.client.totps.recover(first.user_id, second.recovery_codes[0]))

    def test_second_factor_extends_a_session(self):
        _, method_id, code = self.sent()
        first = self.authenticate(method_id, code, session_duration_minutes=60)
        created, app = self.create(first.user_id)
        options = {"session_token": first.session_token, "session_duration_minutes": 120}
        second = self.assertSucceeded(self.client.totps.authenticate(first.user_id, app.code(), **options))
        self.assertEqual(second.session_token, first.session_token)
        self.assertEqual(second.session.session_id, first.session.session_id)
        one, two = second.session.authentication_factors
        self.assertEqual((one.type.value, one.delivery_method.value), ("otp", "sms"))
        self.assertEqual((two.type.value, two.delivery_method.value), ("totp", "authenticator_app"))
        self.assertEqual(two.authenticator_app_factor.totp_id, created.totp_id)
        # The SDK would check the JWT's times by its own clock, which other tests leave behind.
        claims = jwt.decode(second.session_jwt, options={"verify_signature": False})
        names = [factor["type"] for factor in claims["https://stytch.com/session"]["authentication_factors"]]
        self.assertEqual(names, ["otp", "totp"])

    def test_invalid_requests_do_not_use_up_the_code(self):
        created, app = self.create()
        code = app.code()
        for options, error in [
            ({"session_duration_minutes": 4}, (400, "invalid_session_duration_minutes")),
            ({"session_token": "nonsense", "session_duration_minutes": 60}, (404, "session_not_found")),
        ]:
            self.assertFails(*error, self.client.totps.authenticate, created.user_id, code, **options)
        self.assertSucceeded(self.client.totps.authenticate(created.user_id, code))

    def test_recovery_codes(self):
        created, _ = self.create()
        user_id, codes = created.user_id, created.recovery_codes
        self.assertShown(created, False, codes)
        self.assertFails(*UNABLE_TO_RECOVER, self.client.totps.recover, user_id, codes[0])
        created, _ = self.enrol(user_id)
        codes = created.recovery_codes
        self.assertShown(created, True, codes)
        for left in range(10, 0, -1):
            code = codes[-left]
            typed = code.upper().replace("-", " ") if left % 2 else code
            answer = self.client.totps.recover(user_id, typed, session_duration_minutes=60)
            self.assertSucceeded(answer)
            self.assertEqual((answer.user_id, answer.totp_id), (user_id, created.totp_id))
            [factor] = answer.session.authentication_factors
            self.assertEqual((factor.type.value, factor.delivery_method.value), ("recovery_codes", "recovery_code"))
            self.assertRegex(
                factor.recovery_code_factor.totp_recovery_code_id, f"^totp-recovery-code-test-{UUID}$"
            )
            self.assertShown(created, True, codes[11 - left :])
            self.assertFails(*UNABLE_TO_RECOVER, self.client.totps.recover, user_id, code)

    def test_delete(self):
        created, app = self.enrol()
        deleted = self.assertSucceeded(self.client.users.delete_totp(created.totp_id))
        self.assertEqual((deleted.user_id, deleted.user.totps), (created.user_id, []))
        self.assertFails(*UNABLE, self.client.totps.authenticate, created.user_id, app.code())
        self.assertFails(404, "totp_not_found", self.client.users.delete_totp, created.totp_id)
        self.enrol(created.user_id)

    def test_wrong_recovery_codes(self):
        created, _ = self.enrol()
        for code in "", "aaaa", "aaaa-bbbb-cccc", "!!!!-!!!!-!!!!":
            self.assertFails(*UNABLE_TO_RECOVER, self.client.totps.recover, created.user_id, code)
        self.assertSucceeded(self.client.totps.recover(created.user_id, created.recovery_codes[9]))

    def test_ten_wrong_codes_lock_the_user_for_an_hour(self):
        to, method_id, code = self.sent()
        user_id = self.authenticate(method_id, code).user_id
        created, app = self.enrol(user_id)
        for _ in range(5):
            self.assertFails(*UNABLE, self.client.totps.authenticate, user_id, app.wrong())
        # A passcode does not clear the failures of the app.
        self.client.otps.sms.send(to)
        self.authenticate(method_id, self.server.code(to))
        for _ in range(5):
            self.assertFails(*UNABLE, self.client.totps.authenticate, user_id, app.wrong())
        self.assertFails(*LOCKED, self.client.totps.authenticate, user_id, app.code())
        self.assertFails(*LOCKED, self.client.totps.recover, user_id, created.recovery_codes[0])
        self.assertFails(*LOCKED, self.client.otps.sms.send, to)
        user = self.client.users.get(user_id)
        self.assertIs(user.is_locked, True)
        self.assertIsNotNone(user.lock_expires_at)
        self.server.advance(3600)
        self.assertIs(self.client.users.get(user_id).is_locked, False)
        self.assertSucceeded(self.client.totps.authenticate(user_id, app.code()))

    def test_rejects_a_wrong_secret(self):
        created, app = self.create()
        totps = self.connect(secret="secret-test-of-another").totps
        for call, arguments in [
            (totps.create, []),
            (totps.authenticate, [app.code()]),
            (totps.recovery_codes, []),
            (totps.recover, [created.recovery_codes[0]]),
        ]:
            self.assertFails(401, "unauthorized_credentials", call, created.user_id, *arguments)
        self.assertSucceeded(self.client.totps.authenticate(created.user_id, app.code()))

    def assertShown(self, created, verified, codes):
        shown = self.assertSucceeded(self.client.totps.recovery_codes(created.user_id))
        self.assertEqual(shown.user_id, created.user_id)
        [totp] = shown.totps
        self.assertEqual((totp.totp_id, totp.verified), (created.totp_id, verified))
        self.assertEqual(totp.recovery_codes, codes)


class Awaited(Case, unittest.IsolatedAsyncioTestCase):
    async def test_all_calls(self):
        project_id, url = self.server.project_id, self.server.url
        client = stytch.Client(project_id=project_id, secret=SECRET, environment=url)
        self.addAsyncCleanup(client.close)
        user_id = (await client.users.create_async()).user_id
        created = self.assertSucceeded(await client.totps.create_async(user_id, expiration_minutes=5))
        app = Authenticator(self.server, created.secret)
        answer = await client.totps.authenticate_async(user_id, app.code(), session_duration_minutes=60)
        self.assertEqual(self.assertSucceeded(answer).session.user_id, user_id)
        shown = self.assertSucceeded(await client.totps.recovery_codes_async(user_id))
        self.assertEqual(shown.totps[0].recovery_codes, created.recovery_codes)
        self.assertSucceeded(await client.totps.recover_async(user_id, created.recovery_codes[0]))
