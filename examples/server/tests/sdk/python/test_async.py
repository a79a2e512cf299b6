"""The SDK's async calls. They use another HTTP client, which is stricter about answers."""

import unittest

import stytch
from stytch.core.response_base import StytchError

from case import EMAIL, Case, another, each_channel, unknown
from server import SECRET


class Awaited(Case, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        project_id, url = self.server.project_id, self.server.url
        self.awaited = stytch.Client(project_id=project_id, secret=SECRET, environment=url)
        self.addAsyncCleanup(self.awaited.close)

    async def assertFailsAsync(self, status, error_type, call, *arguments, **options):
        with self.assertRaises(StytchError) as caught:
            await call(*arguments, **options)
        self.assertIsError(caught.exception, status, error_type)

    @each_channel
    async def test_all_calls(self, channel):
        to = channel.fresh()
        created = await channel.of(self.awaited).login_or_create_async(to)
        self.assertIs(created.user_created, True)
        sent = await channel.of(self.awaited).send_async(to, expiration_minutes=5, locale="fr")
        self.assertEqual(channel.method_id(sent), channel.method_id(created))
        answer = await self.awaited.otps.authenticate_async(
            channel.method_id(sent), self.server.code(to), session_duration_minutes=60
        )
        self.assertSucceeded(answer)
        session = await self.awaited.sessions.authenticate_jwt_local_async(answer.session_jwt)
        self.assertEqual(session.session_id, answer.session.session_id)
        user = await self.awaited.users.get_async(answer.user_id)
        self.assertEqual(user.user_id, created.user_id)

    async def test_users(self):
        created = await self.awaited.users.create_async(email=EMAIL.fresh())
        self.assertEqual((await self.awaited.users.get_async(created.user_id)).user_id, created.user_id)

    @each_channel
    async def test_errors_by_channel(self, channel):
        fails, calls = self.assertFailsAsync, channel.of(self.awaited)
        await fails(404, channel.not_found, calls.send_async, channel.fresh())
        for call in calls.send_async, calls.login_or_create_async:
            to = channel.fresh()
            await fails(400, "invalid_expiration_otp", call, to, expiration_minutes=11)
            await fails(400, "invalid_locale", call, to, locale="de-DE")
        _, method_id, code = self.sent(channel)
        authenticate = self.awaited.otps.authenticate_async
        await fails(404, "otp_code_not_found", authenticate, method_id, another(code))
        await fails(400, "invalid_code", authenticate, method_id, "12345")
        self.authenticate(method_id, code)
        await fails(401, "unable_to_auth_otp_code", authenticate, method_id, code)

    async def test_errors(self):
        fails, otps = self.assertFailsAsync, self.awaited.otps
        await fails(400, "invalid_phone_number", otps.sms.send_async, "+1201555")
        await fails(400, "invalid_phone_number_country_code", otps.whatsapp.send_async, "+447400123456")
        await fails(400, "invalid_email", otps.email.send_async, "nobody")
        await fails(400, "invalid_method_id", otps.authenticate_async, "nonsense", "123456")
        await fails(404, "user_not_found", self.awaited.users.get_async, unknown("user"))

    async def test_rejects_a_wrong_secret(self):
        project_id, url = self.server.project_id, self.server.url
        async with stytch.Client(project_id=project_id, secret="another", environment=url) as wrong:
            await self.assertFailsAsync(401, "unauthorized_credentials", wrong.otps.sms.send_async, "+12015550100")
