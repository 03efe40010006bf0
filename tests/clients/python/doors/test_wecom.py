"""WeCom: wechatpy signs and encrypts, and decrypts what is answered."""

import json
import struct
import time
import unittest
import urllib.parse

import xmltodict
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException

from server import INSTANCE, OTHER_DOORS, PLAN, SEAL, WECOM_CORP, WECOM_KEY, WECOM_TOKEN, Door, flipped

XML = {"Content-Type": "text/xml"}
# The vendor's published examples: what checks an address, and a message.
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TU"
    "UkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff"
    "0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVM"
    "NS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2p"
    "DBS8R07+qN+E7Q=="
)


def crypto(receiver=WECOM_CORP, token=WECOM_TOKEN, key=WECOM_KEY):
    return WeChatCrypto(token, key, receiver)


def now(seconds=0):
    return str(int(time.time()) + seconds)


def query(signature, timestamp, nonce, **more):
    fields = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, **more}
    return "?" + urllib.parse.urlencode(fields, quote_via=urllib.parse.quote, safe="")


def text(content, seconds=0):
    return (
        f"<xml><ToUserName><![CDATA[{WECOM_CORP}]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName>"
        f"<CreateTime>{now(seconds)}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]>"
        "</Content><MsgId>4561255354251345929</MsgId><AgentID>218</AgentID></xml>"
    )


def callback(encrypt):
    return (
        f"<xml><ToUserName><![CDATA[{WECOM_CORP}]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt>"
        "<AgentID><![CDATA[218]]></AgentID></xml>"
    )


def sealed(by, message, seconds=0):
    """What wechatpy makes of a message: the query and the encrypted text."""
    made = xmltodict.parse(by.encrypt_message(message, "998877", now(seconds)))["xml"]
    return query(made["MsgSignature"], made["TimeStamp"], made["Nonce"]), made["Encrypt"]


class Application(Door):
    path = "/chat/wecom"

    def say(self, content):
        """The passive answer, as wechatpy reads it."""
        target, encrypt = sealed(crypto(), text(content))
        return self.opened(self.send(XML, callback(encrypt), target))

    def opened(self, answer):
        self.assertEqual(answer.status, 200, answer.text)
        outer = xmltodict.parse(answer.text)["xml"]
        plain = crypto().decrypt_message(answer.text, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
        reply = xmltodict.parse(plain)["xml"]
        self.assertEqual((reply["ToUserName"], reply["FromUserName"]), ("zhangsan", WECOM_CORP))
        self.assertEqual(reply["MsgType"], "text")
        return reply["Content"]

    def test_the_check_of_the_address_gets_its_echo_back_as_wechatpy_reads_it(self):
        encrypt = PrpCrypto(crypto().key).encrypt("1616140317555161061", WECOM_CORP).decode()
        sent = now()
        signature = _get_signature(WECOM_TOKEN, sent, "1", encrypt)
        self.assertEqual(crypto().check_signature(signature, sent, "1", encrypt), "1616140317555161061")
        answer = self.send({}, None, query(signature, sent, "1", echostr=encrypt), "GET")
        self.assertEqual((answer.status, answer.body), (200, b"1616140317555161061"))

    def test_the_published_echo_is_read_when_it_is_signed_today_and_refused_as_published(self):
        published = ("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780")
        self.assertEqual(crypto().check_signature(*published, ECHO), "1616140317555161061")
        self.assert_refused({}, None, query(*published, echostr=ECHO), "GET")
        sent = now()
        today = (_get_signature(WECOM_TOKEN, sent, "263014780", ECHO), sent, "263014780")
        answer = self.send({}, None, query(*today, echostr=ECHO), "GET")
        self.assertEqual((answer.status, answer.body), (200, b"1616140317555161061"))

    def test_the_published_message_is_refused_for_its_own_time_whatever_time_is_outside(self):
        published = ("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149")
        plain = crypto().decrypt_message(callback(MESSAGE), *published)
        self.assertEqual(xmltodict.parse(plain)["xml"]["Content"], "hello")
        self.assert_refused(XML, callback(MESSAGE), query(*published))
        sent = now()
        today = (_get_signature(WECOM_TOKEN, sent, "1372623149", MESSAGE), sent, "1372623149")
        self.assertEqual(crypto().decrypt_message(callback(MESSAGE), *today), plain)
        self.assert_refused(XML, callback(MESSAGE), query(*today))

    def test_a_plan_is_answered_with_words_that_wechatpy_decrypts(self):
        words = self.say(PLAN)
        self.assertIn(INSTANCE, words)
        self.assertNotIn("confirm ", words)
        self.assertFalse(self.is_sealed())

    def test_a_seal_is_confirmed_by_its_words_and_the_replay_changes_nothing_more(self):
        token = self.token_in(self.say(SEAL))
        self.assertFalse(self.is_sealed())
        target, encrypt = sealed(crypto(), text(f"confirm {token}"))
        first = self.opened(self.send(XML, callback(encrypt), target))
        self.assertTrue(self.is_sealed(), first)
        again = self.opened(self.send(XML, callback(encrypt), target))
        self.assertIn("already", again.lower())
        self.assertEqual(self.enabled_so_often(), 1)

    def test_the_very_document_that_wechatpy_makes_is_taken(self):
        document = crypto().encrypt_message(text("version"), "1", now())
        made = xmltodict.parse(document)["xml"]
        target = query(made["MsgSignature"], made["TimeStamp"], made["Nonce"])
        self.assertIn("Version", self.opened(self.send(XML, document, target)))

    def test_nearly_stale_is_not_stale(self):
        for seconds in (-290, 290):
            target, encrypt = sealed(crypto(), text("version", seconds), seconds)
            self.assertIn("Version", self.opened(self.send(XML, callback(encrypt), target)))

    def test_a_picture_is_taken_and_nothing_is_done(self):
        target, encrypt = sealed(crypto(), text(PLAN).replace("[text]", "[image]"))
        answer = self.send(XML, callback(encrypt), target)
        self.assertEqual((answer.status, answer.body, self.calls()), (200, b"", []))

    def test_what_is_signed_or_encrypted_otherwise_is_refused_as_by_wechatpy(self):
        sent = now()
        _, encrypt = sealed(crypto(), text(PLAN))
        good = _get_signature(WECOM_TOKEN, sent, "1", encrypt)
        _, foreign = sealed(crypto("wx0000000000000000"), text(PLAN))
        _, other_key = sealed(crypto(key=WECOM_KEY.swapcase()), text(PLAN))
        tampered = flipped(encrypt, 40)

        def of(encrypt, token=WECOM_TOKEN):
            return (_get_signature(token, sent, "1", encrypt), sent, "1")

        wrong = {
            "another signature": ((flipped(good), sent, "1"), encrypt),
            "an empty signature": (("", sent, "1"), encrypt),
            "another time": ((good, now(-60), "1"), encrypt),
            "another nonce": ((good, sent, "2"), encrypt),
            "another token": (of(encrypt, "another"), encrypt),
            "a tampered text": ((good, sent, "1"), tampered),
            "another corporation": (of(foreign), foreign),
            "another key": (of(other_key), other_key),
        }
        for name, (target, encrypt) in wrong.items():
            with self.subTest(name):
                self.assert_refused(XML, callback(encrypt), query(*target))
                # Garbage under another key is read as whatever it is.
                refusals = (InvalidSignatureException, InvalidCorpIdException, ValueError, IndexError, struct.error)
                with self.assertRaises(refusals):
                    crypto().decrypt_message(callback(encrypt), *target)

    def test_what_is_tampered_with_and_signed_by_who_knows_the_token_alone_is_refused(self):
        _, encrypt = sealed(crypto(), text(PLAN))
        for tampered in (flipped(encrypt, 0), flipped(encrypt, 30), flipped(encrypt, -40), encrypt[:-24], ""):
            sent = now()
            signature = _get_signature(WECOM_TOKEN, sent, "1", tampered)
            self.assert_refused(XML, callback(tampered), query(signature, sent, "1"))

    def test_the_stale_the_future_and_the_unsigned_are_refused_where_wechatpy_looks_at_no_time(self):
        for seconds in (-301, 310):
            target, encrypt = sealed(crypto(), text(PLAN), seconds)
            self.assert_refused(XML, callback(encrypt), target)
            target, encrypt = sealed(crypto(), text(PLAN, seconds))
            self.assert_refused(XML, callback(encrypt), target)
        _, encrypt = sealed(crypto(), text(PLAN))
        for body in (callback(encrypt), text(PLAN), "", "<xml>"):
            self.assert_refused(XML, body)
        self.assert_refused({}, None, f"?echostr={urllib.parse.quote(ECHO, safe='')}", "GET")

    def test_wechatpy_takes_what_the_stand_in_says(self):
        secrets = {"token": WECOM_TOKEN, "aes_key": WECOM_KEY, "receiver": WECOM_CORP}
        target, headers, body = self.as_the_stand_in_says_it("wecom", text=PLAN, **secrets)
        fields = dict(urllib.parse.parse_qsl(target[1:]))
        plain = crypto().decrypt_message(body, fields["msg_signature"], fields["timestamp"], fields["nonce"])
        self.assertEqual(xmltodict.parse(plain)["xml"]["Content"], PLAN)
        self.assertEqual(self.send(headers, body, target).status, 200)


class SmartRobot(Door):
    """JSON, and no receiver."""

    doors, path = OTHER_DOORS, "/chat/wecom"

    def callback(self, **what):
        message = {
            "msgid": "CAIQ16HMjQYY1", "aibotid": "robot-1", "chatid": "chat-1", "chattype": "group",
            "from": {"userid": "zhangsan"}, "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?code=1",
        }
        target, encrypt = sealed(crypto(""), json.dumps(message | what))
        return {"Content-Type": "application/json"}, json.dumps({"encrypt": encrypt}), target

    def said(self, words):
        return self.callback(msgtype="text", text={"content": f"@rds-seal {words}"})

    def opened(self, answer):
        self.assertEqual((answer.status, answer.type), (200, "application/json"), answer.text)
        outer = answer.json
        sent = str(outer["timestamp"])
        plain = crypto("").decrypt_message({"Encrypt": outer["encrypt"]}, outer["msgsignature"], sent, outer["nonce"])
        return json.loads(plain)

    def test_a_seal_is_answered_with_a_card_whose_button_turns_it_on(self):
        reply = self.opened(self.send(*self.said(SEAL)))
        self.assertEqual((reply["msgtype"], reply["stream"]["finish"]), ("stream_with_template_card", True))
        self.assertIn(INSTANCE, reply["stream"]["content"])
        [button] = reply["template_card"]["button_list"]
        self.assertEqual(button["key"], self.token_in(reply["stream"]["content"]))
        event = {"eventtype": "template_card_event", "template_card_event": {"event_key": button["key"]}}
        press = self.callback(msgtype="event", event=event)
        for word in ("enabled", "already"):
            answer, reply = self.answered_apart(*press)
            self.assertEqual(answer.body, b"")
            self.assertIn(word, json.dumps(reply).lower())
            self.assertTrue(self.is_sealed())
        self.assertEqual(self.enabled_so_often(), 1)

    def test_the_check_of_the_address_gets_its_echo_back(self):
        encrypt, sent = PrpCrypto(crypto("").key).encrypt("4280832873", "").decode(), now()
        signature = _get_signature(WECOM_TOKEN, sent, "1", encrypt)
        answer = self.send({}, None, query(signature, sent, "1", echostr=encrypt), "GET")
        self.assertEqual((answer.status, answer.body), (200, b"4280832873"))

    def test_what_is_meant_for_an_application_or_tampered_with_is_refused(self):
        headers, body, target = self.said(PLAN)
        self.assert_refused(headers, body)
        self.assert_refused(headers, body.replace('"encrypt": "', '"encrypt": "AAAA'), target)
        self.assert_refused(headers, body, target.replace("nonce=", "nonce=1"))
        _, encrypt = sealed(crypto(), json.dumps({"msgtype": "text", "text": {"content": PLAN}}))
        target, _ = sealed(crypto(), "another message")
        self.assert_refused(headers, json.dumps({"encrypt": encrypt}), target)
        sent = now()
        signature = _get_signature(WECOM_TOKEN, sent, "1", encrypt)
        self.assert_refused(headers, json.dumps({"encrypt": encrypt}), query(signature, sent, "1"))


if __name__ == "__main__":
    unittest.main()
