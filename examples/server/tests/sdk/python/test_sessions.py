"""Sessions started with a code, and their JWTs, which the SDK verifies locally with the published keys."""

import base64
import datetime
import json

import jwt
import stytch

from case import EMAIL, SMS, UUID, Case, each_channel
from server import SECRET


class Sessions(Case):
    def login(self, channel=SMS, **options):
        to, method_id, code = self.sent(channel)
        answer = self.authenticate(method_id, code, **({"session_duration_minutes": 60} | options))
        return to, answer

    @each_channel
    def test_starts_a_session(self, channel):
        to, answer = self.login(channel)
        session = answer.session
        self.assertRegex(session.session_id, f"^session-test-{UUID}$")
        self.assertEqual(session.user_id, answer.user_id)
        self.assertGreater(len(answer.session_token), 30)
        self.assertEqual(session.expires_at - session.started_at, datetime.timedelta(hours=1))
        [factor] = session.authentication_factors
        self.assertEqual((factor.type.value, factor.delivery_method.value), ("otp", channel.name))
        if channel is EMAIL:
            self.assertEqual(factor.email_factor.email_id, answer.method_id)
            self.assertEqual(factor.email_factor.email_address, to)
            self.assertIsNone(factor.phone_number_factor)
        else:
            self.assertEqual(factor.phone_number_factor.phone_id, answer.method_id)
            self.assertEqual(factor.phone_number_factor.phone_number, to)
            self.assertIsNone(factor.email_factor)

    def test_sandbox_has_sessions(self):
        sent = self.client.otps.sms.login_or_create("+10000000000")
        answer = self.authenticate(sent.phone_id, "000000", session_duration_minutes=5)
        self.assertIsNotNone(self.client.sessions.authenticate_jwt_local(answer.session_jwt))

    def test_session_durations(self):
        for minutes in 5, 527_040:
            _, answer = self.login(session_duration_minutes=minutes)
            duration = answer.session.expires_at - answer.session.started_at
            self.assertEqual(duration, datetime.timedelta(minutes=minutes))
        for minutes in 4, 0, -1, 527_041:
            _, method_id, code = self.sent()
            authenticate = self.client.otps.authenticate
            options = {"session_duration_minutes": minutes}
            self.assertFails(400, "invalid_session_duration_minutes", authenticate, method_id, code, **options)
            # An invalid request does not use up the code.
            self.authenticate(method_id, code)

    def test_second_factor_extends_a_session(self):
        _, first = self.login()
        to = EMAIL.fresh()
        token = {"session_token": first.session_token}
        method_id = self.client.otps.email.send(to, **token).email_id
        code = self.server.code(to)
        stale = {"session_token": "nonsense", "session_duration_minutes": 60}
        self.assertFails(404, "session_not_found", self.client.otps.authenticate, method_id, code, **stale)
        second = self.authenticate(method_id, code, session_duration_minutes=120, **token)
        self.assertEqual(second.session.session_id, first.session.session_id)
        self.assertEqual(second.session_token, first.session_token)
        methods = [factor.delivery_method.value for factor in second.session.authentication_factors]
        self.assertEqual(methods, ["sms", "email"])
        self.assertGreater(second.session.expires_at, first.session.expires_at)

    def test_sessions_are_unique(self):
        answers = [self.login()[1] for _ in range(3)]
        for field in "session_token", "session_jwt":
            self.assertEqual(len({getattr(answer, field) for answer in answers}), 3)
        self.assertEqual(len({answer.session.session_id for answer in answers}), 3)

    @each_channel
    def test_sdk_accepts_the_jwt(self, channel):
        _, answer = self.login(channel)
        session = self.client.sessions.authenticate_jwt_local(answer.session_jwt)
        self.assertEqual(session.session_id, answer.session.session_id)
        self.assertEqual(session.user_id, answer.user_id)
        self.assertEqual(session.started_at, answer.session.started_at)
        self.assertEqual(session.expires_at, answer.session.expires_at)
        self.assertEqual(session.authentication_factors, answer.session.authentication_factors)
        self.assertEqual(session.roles, answer.session.roles)

    def test_claims_and_published_keys(self):
        _, answer = self.login()
        header = jwt.get_unverified_header(answer.session_jwt)
        self.assertEqual((header["alg"], header["typ"]), ("RS256", "JWT"))
        claims = self.claims(answer.session_jwt)
        self.assertEqual(claims["iss"], f"stytch.com/{self.server.project_id}")
        self.assertEqual(claims["aud"], [self.server.project_id])
        self.assertEqual(claims["sub"], answer.user_id)
        self.assertEqual(claims["exp"] - claims["iat"], 300)
        published = self.client.sessions.get_jwks(self.server.project_id)
        self.assertSucceeded(published)
        self.assertIn(header["kid"], [key.kid for key in published.keys])

    def test_sdk_rejects_altered_jwts(self):
        _, mine = self.login()
        _, theirs = self.login()
        verify = self.client.sessions.authenticate_jwt_local
        self.assertIsNotNone(verify(mine.session_jwt))
        header, payload, signature = mine.session_jwt.split(".")
        claims = self.claims(mine.session_jwt) | {"sub": theirs.user_id}
        forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        self.assertIsNone(verify(f"{header}.{forged}.{signature}"))
        other = theirs.session_jwt.split(".")
        self.assertIsNone(verify(f"{header}.{payload}.{other[2]}"))
        self.assertIsNone(verify(f"{header}.{payload}."))

    def test_sdk_rejects_another_projects_jwt(self):
        _, answer = self.login()
        stranger = stytch.Client(
            project_id="project-test-00000000-0000-4000-8000-000000000000",
            secret=SECRET,
            environment=self.server.url,
        )
        # With this project's keys, so that only its name differs.
        stranger.sessions.jwks_client = self.client.jwks_client
        self.assertIsNotNone(self.client.sessions.authenticate_jwt_local(answer.session_jwt))
        self.assertIsNone(stranger.sessions.authenticate_jwt_local(answer.session_jwt))

    def test_custom_claims(self):
        claims = {"plan": "gold", "seats": 3, "nested": {"flags": [True, None]}}
        _, answer = self.login(session_custom_claims=claims)
        self.assertEqual(answer.session.custom_claims, claims)
        session = self.client.sessions.authenticate_jwt_local(answer.session_jwt)
        self.assertEqual(session.custom_claims, claims)

    def test_ignores_reserved_custom_claims(self):
        claims = {"sub": "user-test-x", "iss": "me", "aud": "you", "exp": 9_999_999_999, "nbf": 0, "plan": "gold"}
        _, answer = self.login(session_custom_claims=claims)
        session = self.client.sessions.authenticate_jwt_local(answer.session_jwt)
        self.assertEqual(session.user_id, answer.user_id)
        self.assertEqual(session.custom_claims, {"plan": "gold"})
        self.assertEqual(self.claims(answer.session_jwt)["exp"] - self.claims(answer.session_jwt)["iat"], 300)

    def test_ignores_custom_claims_without_a_session(self):
        _, method_id, code = self.sent()
        answer = self.authenticate(method_id, code, session_custom_claims={"plan": "gold"})
        self.assertIsNone(answer.session)
        self.assertEqual((answer.session_token, answer.session_jwt), ("", ""))

    def claims(self, token):
        return jwt.decode(token, options={"verify_signature": False})
