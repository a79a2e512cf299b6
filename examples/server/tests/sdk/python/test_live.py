"""A production server: messages are sent by webhook, limits apply, and there are no development features."""

import urllib.error
import urllib.request

from case import Case, another, each_channel, number
from server import Gateway, Server


class Live(Case):
    @classmethod
    def start(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.stop)
        return Server("--webhook", cls.gateway.url)

    @each_channel
    def test_login(self, channel):
        to = channel.fresh()
        response = self.assertSucceeded(channel.login_or_create(self.client, to))
        [message] = self.gateway.wait(to, 1)
        self.assertEqual((message["to"], message["channel"]), (to, channel.name))
        self.authenticate(channel.method_id(response), message["code"])

    @each_channel
    def test_second_send_is_rate_limited(self, channel):
        to = channel.fresh()
        response = channel.login_or_create(self.client, to)
        for call in channel.send, channel.login_or_create:
            self.assertFails(429, "too_many_requests", call, self.client, to)
        [message] = self.gateway.wait(to, 1)
        # The code that was sent succeeds.
        self.authenticate(channel.method_id(response), message["code"])

    def test_sandbox_is_disabled(self):
        for call in self.client.otps.sms.send, self.client.otps.sms.login_or_create:
            self.assertFails(400, "invalid_phone_number", call, "+10000000000")

    def test_development_endpoints_are_absent(self):
        for path, body in ("dev/outbox?to=x", None), ("dev/clock", b'{"advance_seconds":60}'):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(urllib.request.Request(self.server.url + path, body))
            self.addCleanup(caught.exception.close)
            self.assertEqual(caught.exception.code, 404)

    def test_ten_wrong_codes_lock(self):
        to = number()
        response = self.client.otps.sms.login_or_create(to)
        [message] = self.gateway.wait(to, 1)
        code, authenticate = message["code"], self.client.otps.authenticate
        for _ in range(10):
            self.assertFails(404, "otp_code_not_found", authenticate, response.phone_id, another(code))
        self.assertFails(429, "user_lock_limit_reached", authenticate, response.phone_id, code)
