"""What a public library sends to the robot of a group in DingTalk."""

from unittest import mock

from cloud import ADDRESS, Cloud, control
from dingtalkchatbot import chatbot

SECRET = "SEC000000000000000000000000000000000000000000000000000000000000"


class Robot(Cloud):
    def setUp(self):
        super().setUp()
        control("PUT", "sink_secrets", {"dingtalk": SECRET})

    def robot(self, secret=SECRET):
        return chatbot.DingtalkChatbot(f"http://{ADDRESS}/_emulator/dingtalk?access_token=XXXX", secret)

    def test_signed_messages_are_taken(self):
        robot, button = self.robot(), chatbot.CardItem("Console", "https://example.com/")
        card = chatbot.ActionCard("sealed", "### rm-1 é", [button, button])
        for answer in [robot.send_text("sealed"), robot.send_markdown("sealed", "### é"), robot.send_action_card(card)]:
            self.assertEqual(answer, {"errcode": 0, "errmsg": "ok"})
        self.assertEqual([body["msgtype"] for _, body in self.taken()], ["text", "markdown", "actionCard"])

    def test_what_is_not_signed_for_now_is_refused(self):
        with mock.patch.object(chatbot.time, "time", return_value=1_700_000_000.0):
            stale = self.robot()
        refused = [
            (self.robot("SEC1").send_text("x"), "sign not match"),
            (self.robot(None).send_text("x"), "invalid timestamp"),
            (chatbot.DingtalkChatbot(stale.webhook).send_text("x"), "invalid timestamp"),
        ]
        for answer, why in refused:
            self.assertEqual(answer, {"errcode": 310000, "errmsg": why})
        self.assertEqual(self.taken(), [])

    def test_a_long_message_is_refused(self):
        self.assertEqual(self.robot().send_markdown("sealed", "x" * 20_000)["errcode"], 460101)
