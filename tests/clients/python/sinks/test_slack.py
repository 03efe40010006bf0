"""What Slack's own library sends, to a webhook and as a bot."""

from cloud import ADDRESS, Cloud, control
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.models.blocks import HeaderBlock, SectionBlock
from slack_sdk.webhook import WebhookClient

BLOCKS = [HeaderBlock(text="sealed"), SectionBlock(text="*rm-1* é")]


class Webhook(Cloud):
    def client(self, **settings):
        return WebhookClient(f"http://{ADDRESS}/_emulator/slack", **settings)

    def test_a_message_is_taken(self):
        answer = self.client().send(text="sealed", blocks=BLOCKS)
        self.assertEqual((answer.status_code, answer.body), (200, "ok"))
        [(sink, body)] = self.taken()
        self.assertEqual((sink, body["blocks"][1]["text"]["text"]), ("slack", "*rm-1* é"))

    def test_nothing_is_refused_in_a_word(self):
        answer = self.client().send(text="")
        self.assertEqual((answer.status_code, answer.body), (400, "no_text"))

    def test_too_many_messages_are_sent_again_when_told(self):
        client = self.client(retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=1)])
        control("POST", "faults", [{"operation": "slack", "fault": "status", "status": 429, "retry_after": "0"}])
        self.assertEqual(client.send(text="sealed").body, "ok")
        self.assertEqual(len(self.taken()), 1)


class Bot(Cloud):
    def client(self, token="xoxb-1-2", **settings):
        return WebClient(token, base_url=f"http://{ADDRESS}/_emulator/hosts/slack.com/api/", **settings)

    def test_a_message_is_taken_and_named_by_its_moment(self):
        answer = self.client().chat_postMessage(channel="C012", text="sealed", blocks=BLOCKS)
        self.assertEqual((answer["ok"], answer["channel"]), (True, "C012"))
        self.assertRegex(answer["ts"], r"^[0-9]{10}\.[0-9]{6}$")
        thread = self.client().chat_postMessage(channel="C012", text="and so on", thread_ts=answer["ts"])
        self.assertNotEqual(thread["ts"], answer["ts"])
        self.assertEqual([sink for sink, _ in self.taken()], ["slack-bot", "slack-bot"])

    def test_a_refusal_is_an_error_to_the_library(self):
        for token, wish, error in [
            ("secret", {"channel": "C012", "text": "x"}, "invalid_auth"),
            (None, {"channel": "C012", "text": "x"}, "not_authed"),
            ("xoxb-1-2", {"channel": "", "text": "x"}, "channel_not_found"),
            ("xoxb-1-2", {"channel": "C012", "text": ""}, "no_text"),
        ]:
            with self.assertRaises(SlackApiError) as refused:
                self.client(token).chat_postMessage(**wish)
            self.assertEqual(refused.exception.response["error"], error)
        self.assertEqual(self.taken(), [])

    def test_a_scripted_refusal_is_one_too(self):
        body = '{"ok":false,"error":"not_in_channel"}'
        control("POST", "faults", [{"operation": "slack-bot", "fault": "status", "status": 200, "body": body}])
        with self.assertRaises(SlackApiError) as refused:
            self.client().chat_postMessage(channel="C012", text="x")
        self.assertEqual(refused.exception.response["error"], "not_in_channel")
