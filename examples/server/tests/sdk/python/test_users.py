"""Users."""

from stytch.consumer.models.users import Name

from case import UUID, Case, address, each_channel, number, unknown


class Users(Case):
    def test_create_and_get(self):
        phone, email = number(), address()
        created = self.assertSucceeded(
            self.client.users.create(
                phone_number=phone, email=email, name=Name(first_name="Ada", last_name="Byron")
            )
        )
        self.assertRegex(created.user_id, f"^user-test-{UUID}$")
        self.assertRegex(created.phone_id, f"^phone-number-test-{UUID}$")
        self.assertRegex(created.email_id, f"^email-test-{UUID}$")
        self.assertEqual((created.status, created.user.status), ("active", "active"))
        got = self.assertSucceeded(self.client.users.get(created.user_id))
        for user in created.user, got:
            self.assertEqual(user.user_id, created.user_id)
            [one] = user.phone_numbers
            self.assertEqual((one.phone_id, one.phone_number, one.verified), (created.phone_id, phone, False))
            [one] = user.emails
            self.assertEqual((one.email_id, one.email, one.verified), (created.email_id, email, False))
            self.assertEqual((user.name.first_name, user.name.last_name), ("Ada", "Byron"))
            self.assertIs(user.is_locked, False)

    def test_create_without_recipients(self):
        created = self.assertSucceeded(self.client.users.create())
        self.assertEqual((created.phone_id, created.email_id), ("", ""))

    @each_channel
    def test_pending_user_is_active_once_verified(self, channel):
        to = channel.fresh()
        response = channel.login_or_create(self.client, to, create_user_as_pending=True)
        self.assertEqual(self.client.users.get(response.user_id).status, "pending")
        answer = self.authenticate(channel.method_id(response), self.server.code(to))
        self.assertEqual(answer.user.status, "active")
        self.assertEqual(self.client.users.get(response.user_id).status, "active")
        active = channel.login_or_create(self.client, channel.fresh(), create_user_as_pending=False)
        self.assertEqual(self.client.users.get(active.user_id).status, "active")

    def test_rejects_another_users_number(self):
        to, _, _ = self.sent()
        self.assertFails(400, "duplicate_phone_number", self.client.users.create, phone_number=to)

    def test_rejects_invalid_recipients(self):
        self.assertFails(400, "invalid_phone_number", self.client.users.create, phone_number="+1201555")
        self.assertFails(400, "invalid_email", self.client.users.create, email="nobody")

    def test_get_unknown_user(self):
        self.assertFails(404, "user_not_found", self.client.users.get, unknown("user"))


class Credentials(Case):
    def test_rejects_a_wrong_secret(self):
        to, method_id, code = self.sent()
        user_id = self.client.otps.sms.send(to).user_id
        code = self.server.code(to)
        before = len(self.server.outbox(to))
        for wrong in (
            self.connect(secret="secret-test-of-another"),
            self.connect(secret=""),
            self.connect(project_id="project-test-00000000-0000-4000-8000-000000000000"),
        ):
            for call, arguments in [
                (wrong.otps.sms.send, [to]),
                (wrong.otps.sms.login_or_create, [to]),
                (wrong.otps.whatsapp.send, [to]),
                (wrong.otps.whatsapp.login_or_create, [to]),
                (wrong.otps.email.send, ["a@example.com"]),
                (wrong.otps.email.login_or_create, ["a@example.com"]),
                (wrong.otps.authenticate, [method_id, code]),
                (wrong.users.create, []),
                (wrong.users.get, [user_id]),
            ]:
                self.assertFails(401, "unauthorized_credentials", call, *arguments)
        self.assertEqual(len(self.server.outbox(to)), before)
        self.assertNothingSent("a@example.com")
        self.authenticate(method_id, code)
