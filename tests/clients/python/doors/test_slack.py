"""Slack: its own SDK signs, its own framework judges the same requests."""

import json
import time
import unittest
import urllib.parse

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from server import INSTANCE, PLAN, SEAL, SLACK_SECRET, Door, flipped

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SEALED, UNCHANGED = "#2eb67d", "#9aa0a6"
RESPONSE_URL = "https://hooks.slack.com/commands/T0001/1/abc"


def command(text):
    return urllib.parse.urlencode({
        "token": "legacy-token", "team_id": "T0001", "team_domain": "example", "channel_id": "C2147483705",
        "channel_name": "sec-ops", "user_id": "U2147483697", "user_name": "steve", "command": "/rds-seal",
        "text": text, "api_app_id": "A123456", "is_enterprise_install": "false", "response_url": RESPONSE_URL,
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    })


def button(action_id, token, user="U2147483697"):
    payload = {
        "type": "block_actions", "api_app_id": "A123456", "token": "legacy-token",
        "user": {"id": user, "username": "steve", "team_id": "T0001"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C2147483705", "is_ephemeral": True},
        "trigger_id": "13345224609.738474920.another", "team": {"id": "T0001", "domain": "example"},
        "channel": {"id": "C2147483705", "name": "sec-ops"}, "response_url": RESPONSE_URL,
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": token, "action_ts": "1.3"}],
    }
    return urllib.parse.urlencode({"payload": json.dumps(payload)})


def signed(body, seconds=0, secret=SLACK_SECRET, media_type=FORM):
    sent = str(int(time.time()) + seconds)
    signature = SignatureVerifier(secret).generate_signature(timestamp=sent, body=body)
    return {"Content-Type": media_type, "X-Slack-Request-Timestamp": sent, "X-Slack-Signature": signature}


class Slack(Door):
    path = "/chat/slack"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        allow = AuthorizeResult(enterprise_id=None, team_id="T0001", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1")
        cls.app = App(signing_secret=SLACK_SECRET, authorize=lambda **_: allow, request_verification_enabled=True)
        cls.app.command("/rds-seal")(lambda ack: ack("a command"))
        cls.app.action("rds-seal.confirm")(lambda ack: ack("a button"))

    def bolt(self, headers, body):
        return self.app.dispatch(BoltRequest(body=body, headers={name: [it] for name, it in headers.items()}))

    def say(self, text):
        body = command(text)
        headers = signed(body)
        self.assertEqual(self.bolt(headers, body).status, 200)
        answer = self.send(headers, body)
        self.assertEqual((answer.status, answer.type), (200, JSON), answer.text)
        return answer.json

    def reply(self, headers, body):
        """What is shown for a press, which is sent to the address that came with it."""
        answer, reply = self.answered_apart(headers, body)
        self.assertEqual(answer.body, b"")
        [attachment] = reply["attachments"]
        return attachment

    def pressed(self, message):
        """The one button of ours on a card: its action and its token."""
        [attachment] = message["attachments"]
        buttons = [it for block in attachment["blocks"] if block["type"] == "actions" for it in block["elements"]]
        [confirm] = [it for it in buttons if "value" in it]
        return confirm["action_id"], confirm["value"]

    def test_a_signed_plan_is_answered_with_what_would_happen_and_no_button(self):
        message = self.say(PLAN)
        self.assertEqual(message["response_type"], "ephemeral")
        self.assertIn(INSTANCE, json.dumps(message))
        self.assertNotIn("rds-seal.confirm", json.dumps(message))
        self.assertFalse(self.is_sealed())
        self.assertNotEqual(self.calls(), [])

    def test_the_button_of_a_seal_turns_it_on_and_bolt_takes_the_press_for_one(self):
        action_id, token = self.pressed(self.say(SEAL))
        self.assertFalse(self.is_sealed())
        body = button(action_id, token)
        headers = signed(body)
        self.assertEqual(self.bolt(headers, body).body, "a button")
        self.assertEqual(self.reply(headers, body)["color"], SEALED)
        self.assertTrue(self.is_sealed())
        self.assertEqual(self.reply(headers, body)["color"], UNCHANGED)
        self.assertEqual(self.enabled_so_often(), 1)

    def test_anybody_of_the_channel_may_press_the_button_and_nobody_of_another(self):
        action_id, token = self.pressed(self.say(SEAL))
        body = button(action_id, token).replace("C2147483705", "C2147483706")
        self.assertNotEqual(self.reply(signed(body), body)["color"], SEALED)
        self.assertFalse(self.is_sealed())
        body = button(action_id, token, user="U2147483698")
        self.assertEqual(self.reply(signed(body), body)["color"], SEALED)
        self.assertTrue(self.is_sealed())

    def test_a_confirmation_that_is_replayed_changes_nothing_more(self):
        _, token = self.pressed(self.say(SEAL))
        body = command(f"confirm {token}")
        headers = signed(body)
        first, again = self.send(headers, body), self.send(headers, body)
        self.assertEqual((first.status, again.status), (200, 200))
        self.assertEqual(first.json["attachments"][0]["color"], SEALED, first.text)
        self.assertEqual(again.json["attachments"][0]["color"], UNCHANGED, again.text)
        self.assertIn("already", again.text.lower())
        self.assertTrue(self.is_sealed())
        self.assertEqual(self.enabled_so_often(), 1)

    def test_a_press_whose_token_was_changed_is_signed_and_still_changes_nothing(self):
        action_id, token = self.pressed(self.say(SEAL))
        body = button(action_id, flipped(token, -5))
        self.assertIn("This confirmation code is not valid in this chat", json.dumps(self.reply(signed(body), body)))
        self.assertFalse(self.is_sealed())

    def test_a_check_of_the_certificate_is_answered_with_nothing_as_bolt_does(self):
        body = "ssl_check=1&token=legacy-token"
        headers = signed(body)
        answer, bolt = self.send(headers, body), self.bolt(headers, body)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual((bolt.status, bolt.body), (200, ""))
        self.assertEqual(self.calls(), [])

    def test_a_check_of_the_address_gets_its_challenge_back_as_from_bolt(self):
        body = json.dumps({"token": "t", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdAL", "type": "url_verification"})
        headers = signed(body, media_type=JSON)
        answer, bolt = self.send(headers, body), self.bolt(headers, body)
        self.assertEqual((answer.status, answer.json), (bolt.status, json.loads(bolt.body)))
        self.assertEqual(answer.json, {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdAL"})

    def test_nearly_stale_is_not_stale_for_the_server_and_for_bolt(self):
        for seconds in (-290, 290):
            body = command("version")
            headers = signed(body, seconds)
            self.assertEqual((self.send(headers, body).status, self.bolt(headers, body).status), (200, 200), seconds)

    def test_what_the_server_refuses_bolt_refuses_too(self):
        body = command(PLAN)
        good = signed(body)
        wrong = {
            "no signature": {"Content-Type": FORM, "X-Slack-Request-Timestamp": good["X-Slack-Request-Timestamp"]},
            "no time": {"Content-Type": FORM, "X-Slack-Signature": good["X-Slack-Signature"]},
            "nothing": {"Content-Type": FORM},
            "another signature": good | {"X-Slack-Signature": flipped(good["X-Slack-Signature"])},
            "another version": good | {"X-Slack-Signature": good["X-Slack-Signature"].replace("v0=", "v1=")},
            "another time": good | {"X-Slack-Request-Timestamp": str(int(time.time()) - 60)},
            "another secret": signed(body, secret="another-secret"),
            "stale": signed(body, -301),
            "of the future": signed(body, 310),
        }
        for name, headers in wrong.items():
            with self.subTest(name):
                self.assert_refused(headers, body)
                self.assertEqual(self.bolt(headers, body).status, 401)
        for name, tampered in {
            "another instance": body.replace("rm-1", "rm-2"),
            "another user": body.replace("U2147483697", "U2147483698"),
            "another field": body + "&ssl_check=0",
            "less": body[:-1],
        }.items():
            with self.subTest(name):
                self.assert_refused(good, tampered)
                self.assertEqual(self.bolt(good, tampered).status, 401)

    def test_without_a_signature_even_a_check_is_refused_where_bolt_answers_one(self):
        body = "ssl_check=1&token=legacy-token"
        self.assert_refused({"Content-Type": FORM}, body)
        # The framework's way, and no harm there: it answers nothing.
        self.assertEqual(self.bolt({"Content-Type": FORM}, body).status, 200)

    def test_the_published_example_is_signed_as_published_and_too_old(self):
        body = (
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name"
            "=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
            "hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."
            "47445629121.803a0bc887a14d10d2c447fce8b6703c"
        )
        sent, signature = "1531420618", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        made = SignatureVerifier(SLACK_SECRET).generate_signature(timestamp=sent, body=body)
        self.assertEqual(made, signature)
        self.assert_refused(
            {"Content-Type": FORM, "X-Slack-Request-Timestamp": sent, "X-Slack-Signature": signature}, body
        )
        # The same body, signed today.
        self.assertEqual(self.send(signed(body), body).status, 200)

    def test_the_sdk_and_bolt_take_what_the_stand_in_says(self):
        for order, heard in (({"text": PLAN}, "a command"), ({"button": "AQ-b_0"}, "a button")):
            _, headers, body = self.as_the_stand_in_says_it("slack", secret=SLACK_SECRET, **order)
            self.assertTrue(SignatureVerifier(SLACK_SECRET).is_valid_request(body, headers))
            self.assertFalse(SignatureVerifier("another").is_valid_request(body, headers))
            self.assertEqual(self.bolt(headers, body).status, 200, heard)
            self.assertEqual(self.send(headers, body).status, 200)


if __name__ == "__main__":
    unittest.main()
