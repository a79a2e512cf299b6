"""send and login_or_create on each channel: recipients, contents and refusals."""

from stytch.consumer.models.attribute import Attributes
from stytch.consumer.models.otp_sms import SendRequestLocale

from case import EMAIL, SMS, UUID, WHATSAPP, Case, address, each_channel, number, unknown

# Some words of each language's messages, the same on all channels.
WORDS = {"en": "valid for", "es": "caduca en", "fr": "valable", "pt-br": "vale por"}

NOT_NUMBERS = [
    "not a number",
    "2015550123",
    "+1 201 555 0123",
    "+12015550123abc",
    "+1201555",
    "+120155501234",
    "+11234567890",
    "+999123456789",
    "+",
    "",
]


class Sends(Case):
    @each_channel
    def test_login_or_create_creates_a_user_once(self, channel):
        to = channel.fresh()
        first = self.assertSucceeded(channel.login_or_create(self.client, to))
        self.assertIs(first.user_created, True)
        self.assertRegex(first.user_id, f"^user-test-{UUID}$")
        self.assertRegex(channel.method_id(first), f"^{channel.id_kind}-test-{UUID}$")
        again = self.assertSucceeded(channel.login_or_create(self.client, to))
        self.assertIs(again.user_created, False)
        self.assertEqual(again.user_id, first.user_id)

    @each_channel
    def test_contents_of_a_message(self, channel):
        to, _, code = self.sent(channel)
        [message] = self.server.outbox(to)
        self.assertEqual((message["to"], message["channel"]), (to, channel.name))
        self.assertRegex(code, "^[0-9]{6}$")
        self.assertIn(code, message["body"])

    @each_channel
    def test_send_to_an_existing_user(self, channel):
        to = channel.fresh()
        user = self.client.users.create(**{channel.user_field: to})
        response = self.assertSucceeded(channel.send(self.client, to))
        self.assertEqual(response.user_id, user.user_id)
        self.assertEqual(channel.method_id(response), getattr(user, channel.id_field))
        self.authenticate(channel.method_id(response), self.server.code(to))

    @each_channel
    def test_method_id_is_stable_across_resends(self, channel):
        to, method_id, _ = self.sent(channel)
        for _ in range(4):
            self.assertEqual(channel.method_id(channel.send(self.client, to)), method_id)
            self.assertEqual(channel.method_id(channel.login_or_create(self.client, to)), method_id)
        self.assertEqual(len(self.server.outbox(to)), 9)

    def test_phone_number_has_one_id_for_both_channels(self):
        to, method_id, _ = self.sent(SMS)
        self.assertEqual(WHATSAPP.send(self.client, to).phone_id, method_id)

    @each_channel
    def test_send_to_an_unknown_recipient(self, channel):
        to = channel.fresh()
        self.assertFails(404, channel.not_found, channel.send, self.client, to)
        self.assertNothingSent(to)

    def test_rejects_invalid_phone_numbers(self):
        for channel in SMS, WHATSAPP:
            for call in channel.send, channel.login_or_create:
                for to in NOT_NUMBERS:
                    with self.subTest(channel=channel.name, call=call.__name__, to=to):
                        self.assertFails(400, "invalid_phone_number", call, self.client, to)

    def test_rejects_invalid_email_addresses(self):
        for call in EMAIL.send, EMAIL.login_or_create:
            for to in "nobody", "@example.com", "a@", "a b@example.com", "a@b@example.com", "":
                with self.subTest(call=call.__name__, to=to):
                    self.assertFails(400, "invalid_email", call, self.client, to)

    @each_channel
    def test_accepts_lifetimes_of_one_to_ten_minutes(self, channel):
        to = channel.fresh()
        for minutes in range(1, 11):
            channel.login_or_create(self.client, to, expiration_minutes=minutes)
            self.assertIn(f" {minutes} min", self.server.outbox(to)[-1]["body"])
        channel.login_or_create(self.client, to)
        self.assertIn(" 2 min", self.server.outbox(to)[-1]["body"], "the default")

    @each_channel
    def test_rejects_other_lifetimes(self, channel):
        to, new, refused = channel.fresh(), channel.fresh(), "invalid_expiration_otp"
        self.client.users.create(**{channel.user_field: to})
        for minutes in 0, -1, 11, 60, 1_000_000_000:
            options = {"expiration_minutes": minutes}
            self.assertFails(400, refused, channel.send, self.client, to, **options)
            self.assertFails(400, refused, channel.login_or_create, self.client, new, **options)
        self.assertNothingSent(to)
        self.assertNothingSent(new)
        self.assertFails(404, channel.not_found, channel.send, self.client, new)

    @each_channel
    def test_sends_messages_in_each_language(self, channel):
        to = channel.fresh()
        for locale, language in [
            (None, "en"),
            ("en", "en"),
            ("es", "es"),
            ("fr", "fr"),
            ("pt-br", "pt-br"),
            ("ptbr", "pt-br"),
            (SendRequestLocale.PTBR, "pt-br"),
        ]:
            for call in channel.login_or_create, channel.send:
                call(self.client, to, locale=locale)
                message = self.server.outbox(to)[-1]
                self.assertEqual(message["locale"].lower(), language, locale)
                for other, words in WORDS.items():
                    spoken = words in message["body"].lower()
                    self.assertEqual(spoken, other == language, message["body"])

    @each_channel
    def test_rejects_other_languages(self, channel):
        to = channel.fresh()
        self.client.users.create(**{channel.user_field: to})
        for locale in "it", "de-DE", "zhHans", "not a language":
            for call in channel.login_or_create, channel.send:
                self.assertFails(400, "invalid_locale", call, self.client, to, locale=locale)
        self.assertNothingSent(to)

    @each_channel
    def test_rejects_fields_of_the_wrong_type(self, channel):
        to = channel.fresh()
        for call in channel.send, channel.login_or_create:
            self.assertFails(400, "bad_request", call, self.client, 12015550123)
            for options in {"expiration_minutes": "5"}, {"expiration_minutes": 2.5}, {"locale": 1}:
                self.assertFails(400, "bad_request", call, self.client, to, **options)
        self.assertNothingSent(to)

    @each_channel
    def test_accepts_attributes(self, channel):
        to = channel.fresh()
        for attributes in (
            Attributes(ip_address="192.0.2.1", user_agent="a browser"),
            Attributes(),
            {"ip_address": "192.0.2.1"},
        ):
            response = channel.login_or_create(self.client, to, attributes=attributes)
            self.authenticate(
                channel.method_id(response), self.server.code(to), attributes=attributes
            )

    def test_accepts_templates(self):
        to = address()
        templates = {"login_template_id": "hello", "signup_template_id": "welcome"}
        self.assertSucceeded(self.client.otps.email.login_or_create(to, **templates))
        self.assertSucceeded(self.client.otps.email.send(to, **templates))


class AnotherFactor(Case):
    """Adds phone numbers and email addresses to existing users."""

    @each_channel
    def test_adds_a_number_to_a_user(self, channel):
        user_id = self.client.users.create().user_id
        to = channel.fresh()
        response = self.assertSucceeded(channel.send(self.client, to, user_id=user_id))
        self.assertEqual(response.user_id, user_id)
        self.assertEqual(self.factors(channel, user_id), [(to, False)])
        answer = self.authenticate(channel.method_id(response), self.server.code(to))
        self.assertEqual(answer.user_id, user_id)
        self.assertEqual(self.factors(channel, user_id), [(to, True)])

    @each_channel
    def test_adds_a_number_to_a_sessions_user(self, channel):
        for key in "session_token", "session_jwt":
            _, method_id, code = self.sent()
            login = self.authenticate(method_id, code, session_duration_minutes=10)
            to = channel.fresh()
            response = channel.send(self.client, to, **{key: getattr(login, key)})
            self.assertEqual(response.user_id, login.user_id)
            self.assertIn((to, False), self.factors(channel, login.user_id))

    @each_channel
    def test_rejects_an_unknown_session(self, channel):
        to = channel.fresh()
        for options in {"session_token": "nonsense"}, {"session_jwt": "a.b.c"}:
            self.assertFails(404, "session_not_found", channel.send, self.client, to, **options)
        self.assertNothingSent(to)

    @each_channel
    def test_rejects_an_unknown_user(self, channel):
        to = channel.fresh()
        options = {"user_id": unknown("user")}
        self.assertFails(404, "user_not_found", channel.send, self.client, to, **options)
        self.assertNothingSent(to)

    def test_rejects_another_users_number(self):
        for channel in SMS, WHATSAPP:
            with self.subTest(channel=channel.name):
                to = number()
                owner = self.client.users.create(phone_number=to).user_id
                user_id = self.client.users.create().user_id
                refused = "duplicate_phone_number"
                self.assertFails(400, refused, channel.send, self.client, to, user_id=user_id)
                self.assertNothingSent(to)
                self.assertEqual(self.factors(channel, user_id), [])
                self.assertEqual(self.factors(channel, owner), [(to, False)])

    @each_channel
    def test_limits_unverified_factors(self, channel):
        user_id = self.client.users.create().user_id
        refused = "too_many_unverified_factors"
        for attached in range(50):
            to = channel.fresh()
            try:
                response = channel.send(self.client, to, user_id=user_id)
            except Exception as error:
                self.assertIsError(error, 400, refused)
                break
        else:
            self.fail("a user was given fifty unverified factors")
        self.assertGreater(attached, 0)
        self.assertNothingSent(to)
        self.assertEqual(len(self.factors(channel, user_id)), attached)
        # Verifying one makes room for another.
        last = self.factors(channel, user_id)[-1][0]
        self.authenticate(channel.method_id(response), self.server.code(last))
        self.assertSucceeded(channel.send(self.client, to, user_id=user_id))

    def factors(self, channel, user_id):
        user = self.client.users.get(user_id)
        if channel is EMAIL:
            return [(email.email, email.verified) for email in user.emails]
        return [(phone.phone_number, phone.verified) for phone in user.phone_numbers]
