"""DingTalk: nobody's SDK signs, so its published formulas do. Answers go to its own host, where the stand-in is."""

import base64
import hashlib
import hmac
import json
import os
import time
import unittest
import urllib.parse

from envelope import seal, signature, unseal
from server import (
    DINGTALK_KEY,
    DINGTALK_OWNER,
    DINGTALK_SECRET,
    DINGTALK_TOKEN,
    INSTANCE,
    OTHER_DOORS,
    PLAN,
    SEAL,
    Door,
    flipped,
)

# The vendor's published example of an envelope, of 2015.
PUBLISHED = (
    "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5a"
    "s7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ=="
)
JSON = {"Content-Type": "application/json; charset=utf-8"}


def millis(seconds=0):
    return int((time.time() + seconds) * 1000)


def sign(sent, secret):
    """Base64 of HMAC-SHA256 over the time and the secret, under the secret."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{sent}\n{secret}".encode(), hashlib.sha256)).decode()


def signed(seconds=0, secret=DINGTALK_SECRET):
    sent = str(millis(seconds))
    return JSON | {"timestamp": sent, "sign": sign(sent, secret)}


def message(content, seconds=0, **more):
    return {
        "conversationId": "cidXXXX==", "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}], "chatbotCorpId": "ding000",
        "chatbotUserId": "$:LWCP_v1:$bot", "msgId": f"msg{os.urandom(4).hex()}==", "senderNick": "张三", "isAdmin": True,
        "senderStaffId": "user123", "sessionWebhookExpiredTime": millis(5400), "createAt": millis(seconds),
        "senderCorpId": "ding000", "conversationType": "2", "senderId": "$:LWCP_v1:$snd", "conversationTitle": "安全运维",
        "isInAtList": True, "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=xxxxx",
        "robotCode": "dingrobot", "text": {"content": f" {content}"}, "msgtype": "text", **more,
    }


PICTURE = {"msgtype": "picture", "text": None}


class Signed(Door):
    """Without body encryption: the signature is of the time alone."""

    doors, path = OTHER_DOORS, "/chat/dingtalk"

    def test_the_formula_signs_as_a_client_of_others_does(self):
        # The unit test of the crate dingtalk-sdk 1.0.9; DingTalk itself publishes no example.
        self.assertEqual(sign("1700000000000", "secret"), "OuzzJR5+xZ4/EYwqtNt6sMYZQMTa/HEGvc9miJe7XzY=")

    def test_a_signed_plan_is_carried_out_and_answered_to_dingtalks_own_host(self):
        answer, reply = self.answered_apart(signed(), json.dumps(message(PLAN)))
        self.assertEqual(answer.body, b"")
        self.assertEqual(reply["msgtype"], "markdown")
        self.assertIn(INSTANCE, reply["markdown"]["text"])
        self.assertNotEqual(self.calls(), [])

    def test_a_seal_asks_the_cloud_for_nothing_because_nothing_signs_the_body(self):
        _, reply = self.answered_apart(signed(), json.dumps(message(SEAL)))
        self.assertIn("This chat does not sign its messages", json.dumps(reply))
        self.assertEqual(self.calls(), [])
        self.assertFalse(self.is_sealed())

    def test_a_picture_is_taken_and_nothing_is_done(self):
        for seconds in (-290, 0, 290):
            answer = self.send(signed(seconds), json.dumps(message("", **PICTURE)))
            self.assertEqual((answer.status, answer.body, self.calls()), (200, b"", []))

    def test_an_old_message_or_an_answer_to_another_host_is_not_acted_on(self):
        for odd in (
            message(PLAN, seconds=-601),
            message(PLAN, sessionWebhook="https://example.com/robot/sendBySession?session=x"),
            message(PLAN, sessionWebhook="http://169.254.169.254/"),
            message(PLAN, sessionWebhook="https://oapi.dingtalk.com.example.com/"),
        ):
            answer = self.send(signed(), json.dumps(odd))
            self.assertEqual((answer.status, self.calls()), (200, []), answer.text)

    def test_what_is_not_signed_as_published_is_refused(self):
        good, body = signed(), json.dumps(message(PLAN))
        for name, headers in {
            "nothing": JSON,
            "no signature": JSON | {"timestamp": good["timestamp"]},
            "no time": JSON | {"sign": good["sign"]},
            "another signature": good | {"sign": flipped(good["sign"], 0)},
            "an escaped signature": good | {"sign": urllib.parse.quote(good["sign"], safe="")},
            "another time": good | {"timestamp": str(millis(-1))},
            "another secret": signed(secret="another"),
            "stale, though within the hour that DingTalk allows": signed(-301),
            "of the future": signed(310),
        }.items():
            with self.subTest(name):
                self.assert_refused(headers, body)

    def test_an_encrypted_message_without_the_headers_is_refused(self):
        self.assert_refused(JSON, *Encrypted.wrapped(message(PLAN)))

    def test_the_stand_in_signs_by_the_same_formula(self):
        _, headers, body = self.as_the_stand_in_says_it("dingtalk", secret=DINGTALK_SECRET, text=PLAN)
        self.assertEqual(headers["sign"], sign(headers["timestamp"], DINGTALK_SECRET))
        self.answered_apart(headers, body)


class Encrypted(Door):
    """With body encryption, in the envelope of DingTalk-Callback-Crypto."""

    path = "/chat/dingtalk"

    @staticmethod
    def wrapped(message, seconds=0, token=DINGTALK_TOKEN, key=DINGTALK_KEY, owner=DINGTALK_OWNER, name="msg_signature"):
        """The body and the query."""
        encrypt, sent, nonce = seal(key, owner, json.dumps(message)), str(millis(seconds)), os.urandom(4).hex()
        fields = {name: signature(token, sent, nonce, encrypt), "timestamp": sent, "nonce": nonce}
        return json.dumps({"encrypt": encrypt}), "?" + urllib.parse.urlencode(fields)

    def opened(self, answer):
        """What was answered, once its own signature is right."""
        self.assertEqual(answer.status, 200, answer.text)
        outer = answer.json
        made = signature(DINGTALK_TOKEN, outer["timeStamp"], outer["nonce"], outer["encrypt"])
        self.assertEqual(outer["msg_signature"], made)
        return unseal(DINGTALK_KEY, DINGTALK_OWNER, outer["encrypt"])

    def test_the_published_envelope_is_read_when_it_is_signed_today_and_refused_as_published(self):
        plain = json.loads(unseal(DINGTALK_KEY, DINGTALK_OWNER, PUBLISHED))
        self.assertEqual((plain["EventType"], plain["Random"]), ("check_create_suite_url", "LPIdSnlF"))
        sent, nonce = "1445827045067", "nEXhMP4r"
        made = signature(DINGTALK_TOKEN, sent, nonce, PUBLISHED)
        self.assertEqual(made, "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0")
        body = json.dumps({"encrypt": PUBLISHED})
        self.assert_refused(JSON, body, f"?msg_signature={made}&timestamp={sent}&nonce={nonce}")
        sent = str(millis())
        made = signature(DINGTALK_TOKEN, sent, nonce, PUBLISHED)
        answer = self.send(JSON, body, f"?msg_signature={made}&timestamp={sent}&nonce={nonce}")
        self.assertEqual(self.opened(answer), "LPIdSnlF")

    def test_the_check_of_the_address_is_answered_with_an_envelope_that_says_success(self):
        for name in ("msg_signature", "signature"):
            answer = self.send(JSON, *self.wrapped({"EventType": "check_url"}, name=name))
            self.assertEqual(self.opened(answer), "success")

    def test_a_picture_is_taken_and_nothing_is_done(self):
        for seconds in (-290, 0, 290):
            answer = self.send(JSON, *self.wrapped(message("", **PICTURE), seconds))
            self.assertEqual((self.opened(answer), self.calls()), ("success", []))

    def say(self, words):
        """What is shown for them in the conversation."""
        answer, reply = self.answered_apart(JSON, *self.wrapped(message(words)))
        self.assertEqual(self.opened(answer), "success")
        return reply["markdown"]["text"]

    def test_a_plan_and_a_seal_are_looked_into_and_answered_to_dingtalks_own_host(self):
        for words in (PLAN, SEAL):
            before = len(self.calls())
            self.assertIn(INSTANCE, self.say(words))
            self.assertGreater(len(self.calls()), before)
        self.assertFalse(self.is_sealed())

    def test_a_seal_is_confirmed_by_its_words_and_a_second_time_changes_nothing_more(self):
        token = self.token_in(self.say(SEAL))
        self.assertFalse(self.is_sealed())
        self.say(f"confirm {token}")
        self.assertTrue(self.is_sealed())
        self.assertIn("already", self.say(f"confirm {token}").lower())
        self.assertEqual(self.enabled_so_often(), 1)

    def test_a_message_that_is_not_encrypted_is_refused_although_its_time_is_signed(self):
        self.assert_refused(signed(), json.dumps(message(PLAN)))

    def test_what_is_signed_or_encrypted_otherwise_is_refused(self):
        body, query = self.wrapped(message(PLAN))
        encrypt = json.loads(body)["encrypt"]
        for name, request in {
            "no signature": (body,),
            "another signature": (body, query.replace("msg_signature=", "msg_signature=0")),
            "another nonce": (body, query.replace("nonce=", "nonce=0")),
            "two signatures that differ": (body, query + "&signature=0"),
            "another text": (json.dumps({"encrypt": flipped(encrypt, 30)}), query),
            "another token": self.wrapped(message(PLAN), token="another"),
            "another key": self.wrapped(message(PLAN), key=DINGTALK_KEY[::-1]),
            "another owner": self.wrapped(message(PLAN), owner="suite4yyyyyyyyyyyyyyy"),
            "stale": self.wrapped(message(PLAN), -301),
            "of the future": self.wrapped(message(PLAN), 310),
        }.items():
            with self.subTest(name):
                self.assert_refused(JSON, *request)

    def test_the_stand_in_signs_and_encrypts_by_the_same_formulas(self):
        secrets = {"token": DINGTALK_TOKEN, "aes_key": DINGTALK_KEY, "receiver": DINGTALK_OWNER}
        query, headers, body = self.as_the_stand_in_says_it("dingtalk", encrypted=True, text=PLAN, **secrets)
        fields, encrypt = dict(urllib.parse.parse_qsl(query[1:])), json.loads(body)["encrypt"]
        made = signature(DINGTALK_TOKEN, fields["timestamp"], fields["nonce"], encrypt)
        self.assertIn(made, fields.values())
        self.assertIn(PLAN, json.loads(unseal(DINGTALK_KEY, DINGTALK_OWNER, encrypt))["text"]["content"])
        answer, _ = self.answered_apart(headers, body, query)
        self.assertEqual(self.opened(answer), "success")


if __name__ == "__main__":
    unittest.main()
