"""Feishu: nobody's SDK signs, so its published formula does; its own dispatcher judges the same bytes."""

import base64
import hashlib
import json
import logging
import os
import time
import unittest

import lark_oapi
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lark_oapi.core.model import RawRequest
from lark_oapi.core.utils import AESCipher
from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse

from server import FEISHU_APP, FEISHU_KEY, FEISHU_TOKEN, INSTANCE, PLAN, SEAL, Door, flipped

LARK_LOG = logging.getLogger("Lark")


def encrypted(event, key=FEISHU_KEY):
    """Base64 of the vector and of AES-256-CBC under the key's SHA-256."""
    plain = event.encode() if isinstance(event, str) else json.dumps(event).encode()
    padding = 16 - len(plain) % 16
    vector = os.urandom(16)
    encryptor = Cipher(AES(hashlib.sha256(key.encode()).digest()), CBC(vector)).encryptor()
    blob = vector + encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return json.dumps({"encrypt": base64.b64encode(blob).decode()})


def signed(body, seconds=0, key=FEISHU_KEY):
    """Hex of SHA-256 over time, nonce, key and the encrypted body."""
    sent, nonce = str(int(time.time()) + seconds), os.urandom(8).hex()
    signature = hashlib.sha256(f"{sent}{nonce}{key}{body}".encode()).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Lark-Request-Timestamp": sent,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": signature,
    }


def event(kind, content, seconds=0, token=FEISHU_TOKEN, app=FEISHU_APP):
    header = {
        "event_id": os.urandom(16).hex(), "event_type": kind, "token": token, "app_id": app, "tenant_key": "tenant-1",
        "create_time": str(int((time.time() + seconds) * 1000)),
    }
    return {"schema": "2.0", "header": header, "event": content}


def message(text, **header):
    sender = {"sender_id": {"open_id": "ou_1", "union_id": "on_1", "user_id": "u1"}, "sender_type": "user"}
    mention = {"key": "@_user_1", "id": {"open_id": "ou_bot"}, "name": "rds-seal", "tenant_key": "tenant-1"}
    said = {
        "message_id": "om_1", "chat_id": "oc_1", "chat_type": "group", "message_type": "text",
        "create_time": str(int(time.time() * 1000)), "content": json.dumps({"text": f"@_user_1 {text}"}),
        "mentions": [mention],
    }
    content = {"sender": sender | {"tenant_key": "tenant-1"}, "message": said}
    return event("im.message.receive_v1", content, **header)


def press(token):
    return event("card.action.trigger", {
        "operator": {"open_id": "ou_1", "union_id": "on_1", "user_id": "u1", "tenant_key": "tenant-1"},
        "token": "c-1", "action": {"value": {"confirm": token}, "tag": "button"}, "host": "im_message",
        "context": {"open_message_id": "om_1", "open_chat_id": "oc_1"},
    })


class Feishu(Door):
    path = "/chat/feishu"

    def setUp(self):
        super().setUp()
        # It writes what it refuses, with the whole trace.
        LARK_LOG.setLevel(logging.CRITICAL)
        self.heard = []

        def button(data):
            self.heard.append(data.event.action.value["confirm"])
            return P2CardActionTriggerResponse({"toast": {"type": "info", "content": "heard"}})

        builder = lark_oapi.EventDispatcherHandler.builder(FEISHU_KEY, FEISHU_TOKEN, lark_oapi.LogLevel.CRITICAL)
        builder.register_p2_im_message_receive_v1(lambda data: self.heard.append(data.event.message.content))
        builder.register_p2_card_action_trigger(button)
        self.dispatcher = builder.build()

    def lark(self, headers, body):
        request = RawRequest()
        request.uri, request.headers, request.body = self.path, headers, body.encode()
        return self.dispatcher.do(request)

    def card(self, headers, body):
        """What is shown for a message: a reply to it, by the application."""
        answer, reply = self.answered_apart(headers, body)
        self.assertEqual((answer.json, reply["msg_type"]), ({}, "interactive"))
        return json.loads(reply["content"])

    def test_the_published_cipher_text_is_read_as_published(self):
        published = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
        self.assertEqual(AESCipher("test key").decrypt_str(published), "hello world")
        made = json.loads(encrypted("hello world"))["encrypt"]
        self.assertEqual(AESCipher(FEISHU_KEY).decrypt_str(made), "hello world")

    def test_an_encrypted_challenge_is_answered_signed_or_not_as_by_the_dispatcher(self):
        body = encrypted({"challenge": "ajls384kdjx98XX", "token": FEISHU_TOKEN, "type": "url_verification"})
        for headers in (signed(body), {"Content-Type": "application/json"}):
            answer, lark = self.send(headers, body), self.lark(headers, body)
            self.assertEqual((answer.status, answer.json), (200, {"challenge": "ajls384kdjx98XX"}))
            self.assertEqual((lark.status_code, json.loads(lark.content)), (200, answer.json))

    def test_a_challenge_in_the_clear_or_with_another_token_is_refused(self):
        challenge = {"challenge": "x", "token": FEISHU_TOKEN, "type": "url_verification"}
        self.assert_refused({"Content-Type": "application/json"}, json.dumps(challenge))
        self.assert_refused({"Content-Type": "application/json"}, encrypted(challenge | {"token": "another"}))
        self.assert_refused({"Content-Type": "application/json"}, encrypted(challenge, "another key"))

    def test_a_message_is_taken_by_the_server_and_by_the_dispatcher(self):
        body = encrypted(message(PLAN))
        headers = signed(body)
        self.assertEqual(self.lark(headers, body).status_code, 200)
        self.assertEqual(json.loads(self.heard[0])["text"], f"@_user_1 {PLAN}")
        self.assertIn(INSTANCE, json.dumps(self.card(headers, body)))
        self.assertNotEqual(self.calls(), [])

    def test_a_seal_and_its_redelivery_only_plan_and_the_button_of_the_card_turns_it_on(self):
        body = encrypted(message(SEAL))
        headers = signed(body)
        for _ in range(2):
            card = self.card(headers, body)
        self.assertFalse(self.is_sealed())
        [row] = [it for it in card["elements"] if it["tag"] == "action"]
        [token] = [it["value"]["confirm"] for it in row["actions"] if "value" in it]
        pressed = encrypted(press(token))
        for toast in ("success", "info"):
            answer = self.send(signed(pressed), pressed)
            self.assertEqual(answer.json["toast"]["type"], toast, answer.text)
            self.assertTrue(self.is_sealed())
        self.assertEqual(self.enabled_so_often(), 1)

    def test_a_message_of_a_robot_and_a_foreign_event_are_taken_and_nothing_is_done(self):
        robot = message(PLAN)
        robot["event"]["sender"]["sender_type"] = "app"
        for foreign in (robot, event("im.chat.updated_v1", {})):
            body = encrypted(foreign)
            answer = self.send(signed(body), body)
            self.assertEqual((answer.status, answer.json), (200, {}))
        self.assertEqual(self.calls(), [])

    def test_a_button_is_answered_with_a_card_and_a_token_that_is_not_ours_changes_nothing(self):
        body = encrypted(press("bm90LW91cnM-AAAA"))
        headers = signed(body)
        self.assertEqual(self.lark(headers, body).status_code, 200)
        self.assertEqual(self.heard, ["bm90LW91cnM-AAAA"])
        answer = self.send(headers, body)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(answer.json["toast"], {"type": "warning", "content": "Confirmation code not valid"})
        self.assertEqual(answer.json["card"]["type"], "raw")
        # The dispatcher's own model of an answer reads ours.
        read = P2CardActionTriggerResponse(answer.json)
        self.assertEqual((read.toast.content, read.card.type), ("Confirmation code not valid", "raw"))
        self.assertFalse(self.is_sealed())

    def test_nearly_stale_is_not_stale(self):
        body = encrypted(event("im.chat.updated_v1", {}))
        for seconds in (-590, 590):
            self.assertEqual(self.send(signed(body, seconds), body).status, 200, seconds)

    def test_what_is_not_signed_as_published_is_refused_and_not_taken_by_the_dispatcher(self):
        body = encrypted(message(PLAN))
        good = signed(body)
        unsigned = {name: value for name, value in good.items() if name != "X-Lark-Signature"}
        wrong = {
            "another signature": (good | {"X-Lark-Signature": flipped(good["X-Lark-Signature"])}, body),
            "another time": (good | {"X-Lark-Request-Timestamp": str(int(time.time()) - 60)}, body),
            "another nonce": (good | {"X-Lark-Request-Nonce": "1"}, body),
            "another key": (signed(body, key="another key"), body),
            "tampered": (good, body.replace('"encrypt": "', '"encrypt": "AAAA')),
            "a blank more": (good, body + " "),
            "no signature": (unsigned, body),
        }
        for name, (headers, body) in wrong.items():
            with self.subTest(name):
                self.assert_refused(headers, body)
                self.assertEqual(self.lark(headers, body).status_code, 500)
        self.assertEqual(self.heard, [])

    def test_what_is_encrypted_or_addressed_otherwise_is_refused(self):
        for name, body in {
            "another key": encrypted(message(PLAN), "another key"),
            "another token": encrypted(message(PLAN, token="another")),
            "another application": encrypted(message(PLAN, app="cli_another")),
            "in the clear": json.dumps(message(PLAN)),
            "nothing": "",
        }.items():
            with self.subTest(name):
                self.assert_refused(signed(body), body)

    def test_the_stale_and_the_future_are_refused_where_the_dispatcher_looks_at_no_time(self):
        body = encrypted(message(PLAN))
        for seconds in (-601, 610):
            self.assert_refused(signed(body, seconds), body)
            self.assertEqual(self.lark(signed(body, seconds), body).status_code, 200)

    def test_an_old_event_that_is_signed_anew_is_not_acted_on(self):
        body = encrypted(message(PLAN, seconds=-601))
        answer = self.send(signed(body), body)
        self.assertEqual((answer.status, answer.json, self.calls()), (200, {}, []))

    def test_the_dispatcher_takes_what_the_stand_in_says(self):
        secrets = {"secret": FEISHU_KEY, "token": FEISHU_TOKEN, "app_id": FEISHU_APP}
        for order in ({"text": PLAN}, {"button": "AQ-b_0"}):
            _, headers, body = self.as_the_stand_in_says_it("feishu", **secrets, **order)
            # The SDK looks them up as they are written.
            headers = {"-".join(word.capitalize() for word in name.split("-")): it for name, it in headers.items()}
            self.assertEqual(self.lark(headers, body).status_code, 200)
            self.assertEqual(self.send(headers, body).status, 200)
        self.assertEqual(len(self.heard), 2)


if __name__ == "__main__":
    unittest.main()
