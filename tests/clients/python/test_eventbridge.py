"""EventBridge: events are put in a form, and each is answered by itself."""

import cases
from alibabacloud_eventbridge20200401 import models
from alibabacloud_eventbridge20200401.client import Client
from clients import V1, V3, config
from cloud import Cloud
from operations import EVENTS, PUT_EVENTS


class EveryEventBridgeCall(cases.EveryCall):
    # A form is where its parameters belong.
    operations, clients = [PUT_EVENTS], [client for client in V3 + V1 if "form" in repr(client)]


class EventsByTheirModel(Cloud):
    def put(self, events):
        request = models.PutEventsRequest().from_map({"EventBusName": "audit", "EventList": events})
        return Client(config()).put_events(request).body

    def test_what_is_put_is_taken(self):
        body = self.put(EVENTS)
        self.assertEqual((body.success, body.code, body.data.failed_entry_count), (True, "200", 0))
        self.assertEqual([entry.event_id for entry in body.data.entry_list], ["1"])
        self.assertEqual(self.taken(), [("eventbridge", {"EventBusName": "audit", "EventList": EVENTS})])

    def test_a_bad_event_fails_alone(self):
        good, bad = EVENTS[0], {**EVENTS[0], "Id": "2", "Data": "x" * 65536}
        body = self.put([bad, good])
        self.assertEqual(body.data.failed_entry_count, 1)
        failed, taken = body.data.entry_list
        self.assertEqual((bool(failed.error_code), failed.event_id, taken.event_id), (True, None, "1"))
        self.assertEqual([body["EventList"] for _, body in self.taken()], [[good]])
