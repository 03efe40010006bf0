"""Teams: nobody's SDK signs an outgoing webhook, so Microsoft's published formula does."""

import base64
import datetime
import hashlib
import hmac
import json
import unittest

from server import INSTANCE, PLAN, SEAL, TEAMS_TOKEN, Door, flipped


def at(seconds=0):
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def activity(text, seconds=0, **more):
    return json.dumps({
        "type": "message", "id": "1767225600000", "timestamp": at(seconds), "localTimestamp": at(seconds),
        "serviceUrl": "https://smba.trafficmanager.net/apac/", "channelId": "msteams",
        "from": {"id": "29:1", "name": "张三", "aadObjectId": "7faf8ae1-1111-2222-3333-444444444444"},
        "conversation": {"isGroup": True, "id": "19:abc@thread.tacv2;messageid=1", "conversationType": "channel"},
        "text": f"<at>rds-seal</at>&nbsp;{text}\n", "textFormat": "plain", "locale": "zh-CN",
        "channelData": {
            "teamsChannelId": "19:abc@thread.tacv2", "teamsTeamId": "19:team@thread.tacv2",
            "channel": {"id": "19:abc@thread.tacv2"}, "team": {"id": "19:team@thread.tacv2"},
            "tenant": {"id": "tenant-1"},
        },
        **more,
    }, ensure_ascii=False)


def signed(body, token=TEAMS_TOKEN):
    """`HMAC` and base64 of HMAC-SHA256 over the body, under the decoded token."""
    made = base64.b64encode(hmac.digest(base64.b64decode(token), body.encode(), hashlib.sha256)).decode()
    return {"Content-Type": "application/json; charset=utf-8", "Authorization": f"HMAC {made}"}


class Teams(Door):
    path = "/chat/teams"

    def words(self, answer):
        """The text of the adaptive card, and its actions."""
        self.assertEqual((answer.status, answer.type), (200, "application/json"), answer.text)
        self.assertEqual(answer.json["type"], "message")
        [attachment] = answer.json["attachments"]
        self.assertEqual(attachment["contentType"], "application/vnd.microsoft.card.adaptive")
        card = attachment["content"]
        self.assertEqual(card["type"], "AdaptiveCard")
        # An outgoing webhook's card can do nothing else (documented).
        self.assertEqual({action["type"] for action in card["actions"]} - {"Action.OpenUrl"}, set())
        return "\n".join(self.texts(card["body"]))

    def texts(self, elements):
        for element in elements:
            if element["type"] == "TextBlock":
                yield element["text"]
            elif element["type"] == "RichTextBlock":
                yield "".join(inline["text"] for inline in element["inlines"])
            elif element["type"] == "FactSet":
                yield from (f"{fact['title']}: {fact['value']}" for fact in element["facts"])
            else:
                yield from self.texts(element["items"])

    def say(self, text):
        body = activity(text)
        return self.words(self.send(signed(body), body))

    def test_a_signed_plan_is_answered_with_a_card(self):
        words = self.say(PLAN)
        self.assertIn(INSTANCE, words)
        self.assertNotIn("confirm ", words)
        self.assertFalse(self.is_sealed())

    def test_whoami_says_the_ids_that_were_signed(self):
        words = self.say("whoami")
        for id in ("tenant-1", "19:abc@thread.tacv2", "7faf8ae1-1111-2222-3333-444444444444"):
            self.assertIn(id, words)

    def test_a_seal_is_confirmed_by_its_words_and_the_replay_changes_nothing_more(self):
        token = self.token_in(self.say(SEAL))
        self.assertFalse(self.is_sealed())
        body = activity(f"confirm {token}")
        headers = signed(body)
        self.words(self.send(headers, body))
        self.assertTrue(self.is_sealed())
        self.assertIn("already", self.words(self.send(headers, body)).lower())
        self.assertEqual(self.enabled_so_often(), 1)

    def test_the_token_of_one_channel_is_worth_nothing_in_another(self):
        token = self.token_in(self.say(SEAL))
        elsewhere = {"channel": {"id": "19:other@thread.tacv2"}, "tenant": {"id": "tenant-1"}}
        body = activity(f"confirm {token}", channelData=elsewhere)
        self.assertIn("Confirmation code not valid", self.words(self.send(signed(body), body)))
        self.assertFalse(self.is_sealed())

    def test_nearly_stale_is_not_stale(self):
        for seconds in (-290, 290):
            body = activity("version", seconds)
            self.assertIn("Version", self.words(self.send(signed(body), body)))

    def test_an_activity_that_is_no_message_is_taken_and_nothing_is_done(self):
        body = activity(PLAN, type="conversationUpdate")
        answer = self.send(signed(body), body)
        self.assertEqual((answer.status, answer.body, self.calls()), (200, b"", []))

    def test_what_is_not_signed_as_published_is_refused(self):
        body = activity(PLAN)
        good = signed(body)
        bare = {"Content-Type": "application/json"}
        made = good["Authorization"].removeprefix("HMAC ")
        raw = hmac.digest(TEAMS_TOKEN.encode(), body.encode(), hashlib.sha256)
        for name, (headers, body) in {
            "no signature": (bare, body),
            "another signature": (bare | {"Authorization": f"HMAC {flipped(made, 0)}"}, body),
            "another scheme": (bare | {"Authorization": f"Bearer {made}"}, body),
            "no scheme": (bare | {"Authorization": made}, body),
            "a key that was not decoded": (bare | {"Authorization": f"HMAC {base64.b64encode(raw).decode()}"}, body),
            "another key": (signed(body, base64.b64encode(b"another key of some bytes").decode()), body),
            "another instance": (good, body.replace("rm-1", "rm-2")),
            "another person": (good, body.replace("7faf8ae1", "8faf8ae1")),
            "a blank more": (good, body + " "),
            "nothing": (good, ""),
        }.items():
            with self.subTest(name):
                self.assert_refused(headers, body)

    def test_the_stale_the_future_and_the_undated_are_refused(self):
        for body in (activity(PLAN, -301), activity(PLAN, 310), activity(PLAN, timestamp=None)):
            self.assert_refused(signed(body), body)

    def test_the_stand_in_signs_by_the_same_formula(self):
        _, headers, body = self.as_the_stand_in_says_it("teams", secret=TEAMS_TOKEN, text=PLAN)
        headers = {name.title(): value for name, value in headers.items()}
        self.assertEqual(headers["Authorization"], signed(body)["Authorization"])
        self.assertEqual(self.send(headers, body).status, 200)


if __name__ == "__main__":
    unittest.main()
