"""Expiry of codes, locks and unverified claims, on a server whose clock is advanced."""

from case import EMAIL, Case, another, each_channel, number


class Clock(Case):
    @each_channel
    def test_codes_expire(self, channel):
        for minutes in None, 1, 10:
            lifetime = 60 * (minutes or 2)
            _, method_id, code = self.sent(channel, expiration_minutes=minutes)
            self.server.advance(lifetime - 20)
            self.authenticate(method_id, code)
            _, method_id, code = self.sent(channel, expiration_minutes=minutes)
            self.server.advance(lifetime + 1)
            self.assertFails(401, "unable_to_auth_otp_code", self.client.otps.authenticate, method_id, code)

    @each_channel
    def test_ten_wrong_codes_lock_the_user_for_an_hour(self, channel):
        to, method_id, code = self.sent(channel, expiration_minutes=10)
        user_id = channel.login_or_create(self.client, to, expiration_minutes=10).user_id
        self.wrong(method_id, self.server.code(to), 10)
        code = self.server.code(to)
        authenticate, locked = self.client.otps.authenticate, "user_lock_limit_reached"
        self.assertFails(429, locked, authenticate, method_id, code)
        self.assertFails(429, locked, authenticate, method_id, another(code))
        sent = len(self.server.outbox(to))
        for call in channel.send, channel.login_or_create:
            self.assertFails(429, locked, call, self.client, to)
        self.assertEqual(len(self.server.outbox(to)), sent)
        user = self.client.users.get(user_id)
        self.assertIs(user.is_locked, True)
        self.assertIsNotNone(user.lock_expires_at)

        self.server.advance(3600 - 60)
        self.assertFails(429, locked, channel.send, self.client, to)
        self.server.advance(61)
        self.assertIs(self.client.users.get(user_id).is_locked, False)
        channel.send(self.client, to)
        self.authenticate(method_id, self.server.code(to))

    def test_success_resets_the_failure_count(self):
        to, method_id, code = self.sent()
        for _ in range(3):
            self.wrong(method_id, code, 9)
            self.authenticate(method_id, code)
            self.client.otps.sms.send(to)
            code = self.server.code(to)
        self.authenticate(method_id, code)

    def test_newer_code_keeps_the_failure_count(self):
        to, method_id, code = self.sent()
        self.wrong(method_id, code, 5)
        self.client.otps.sms.send(to)
        self.wrong(method_id, self.server.code(to), 5)
        code = self.server.code(to)
        self.assertFails(429, "user_lock_limit_reached", self.client.otps.authenticate, method_id, code)

    @each_channel
    def test_unverified_numbers_are_removed_after_five_minutes(self, channel):
        user_id = self.client.users.create().user_id
        unverified, verified = channel.fresh(), channel.fresh()
        channel.send(self.client, unverified, user_id=user_id, expiration_minutes=10)
        response = channel.send(self.client, verified, user_id=user_id)
        self.authenticate(channel.method_id(response), self.server.code(verified))
        self.server.advance(4 * 60)
        self.assertEqual(self.values(channel, user_id), {unverified, verified})
        self.server.advance(60 + 1)
        self.assertEqual(self.values(channel, user_id), {verified})
        self.assertFails(404, channel.not_found, channel.send, self.client, unverified)
        anew = channel.login_or_create(self.client, unverified)
        self.assertIs(anew.user_created, True)
        self.assertNotEqual(anew.user_id, user_id)

    def test_recipients_of_a_created_user_stay(self):
        to = number()
        user_id = self.client.users.create(phone_number=to).user_id
        self.server.advance(24 * 3600)
        self.assertEqual(self.client.otps.sms.send(to).user_id, user_id)

    def wrong(self, method_id, code, times):
        for _ in range(times):
            self.assertFails(404, "otp_code_not_found", self.client.otps.authenticate, method_id, another(code))

    def values(self, channel, user_id):
        user = self.client.users.get(user_id)
        if channel is EMAIL:
            return {email.email for email in user.emails}
        return {phone.phone_number for phone in user.phone_numbers}
