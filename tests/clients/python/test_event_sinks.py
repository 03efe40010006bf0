"""What libraries send to a receiver of CloudEvents and to PagerDuty is taken by the sinks, and refused as they expect."""

import urllib.error
import urllib.request

import pagerduty
from cloud import ADDRESS, Cloud, control
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent


def event(**extensions):
    required = {"id": "e-1", "source": "//seal", "type": "seal.enabled", "specversion": "1.0"}
    return CloudEvent({**required, "subject": "é", **extensions}, {"outcome": "enabled", "é": 1})


class CloudEvents(Cloud):
    def post(self, message):
        request = urllib.request.Request(f"http://{ADDRESS}/_emulator/cloudevents", message.body, message.headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def test_a_structured_event_is_taken(self):
        self.assertEqual(self.post(to_structured_event(event(extension="x"))), 204)
        [(sink, body)] = self.taken()
        self.assertEqual((sink, body["id"], body["data"]["é"], body["extension"]), ("cloudevents", "e-1", 1, "x"))

    def test_a_binary_event_is_not(self):
        self.assertEqual(self.post(to_binary_event(event())), 415)
        self.assertEqual(self.taken(), [])


class PagerDuty(Cloud):
    KEY = "0123456789abcdef0123456789abcdef"

    def client(self, key=KEY):
        client = pagerduty.EventsApiV2Client(key)
        # It would take no other protocol than HTTPS; all else is as it is.
        client._url = f"http://{ADDRESS}/_emulator/hosts/{client.default_base_url.removeprefix('https://')}"
        return client

    def test_an_incident_is_opened_and_resolved_by_one_key(self):
        client = self.client()
        self.assertEqual(client.trigger("not sealed", "rm-1", dedup_key="rm-1", severity="error"), "rm-1")
        self.assertEqual(client.resolve("rm-1"), "rm-1")
        self.assertRegex(client.trigger("not sealed", "rm-2", custom_details={"é": 1}), "^[0-9a-f]{32}$")
        self.assertEqual([body["event_action"] for _, body in self.taken()], ["trigger", "resolve", "trigger"])

    def test_what_it_refuses_is_an_error_to_the_library(self):
        for key, summary in [("short", "x"), (self.KEY, "x" * 1025)]:
            with self.assertRaises(pagerduty.HttpError) as refused:
                self.client(key).trigger(summary, "rm-1")
            self.assertEqual(refused.exception.response.status_code, 400)
        self.assertEqual(self.taken(), [])

    def test_the_library_comes_again_after_a_server_error(self):
        client = self.client()
        client.sleep_timer = 0.001
        control("POST", "faults", [{"operation": "pagerduty", "fault": "status", "status": 503}])
        self.assertEqual(client.trigger("not sealed", "rm-1", dedup_key="rm-1"), "rm-1")
        self.assertEqual(len(self.taken()), 1)
