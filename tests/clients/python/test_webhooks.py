"""What senders' own libraries sign is accepted; what was changed, is stale or was sent before is refused or recognised."""

import datetime
import json
import uuid

import standardwebhooks
import svix.webhooks
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

import door
from cloud import ACCOUNT, Cloud

JSON = {"content-type": "application/json"}
LATE = datetime.timedelta(seconds=310)


def by_library(library):
    def prove(id, moment, body):
        return door.standard(library(door.SIGNING).sign(id, moment, body), id, moment)

    return prove


# Each way of proving, and whether it signs the time.
SENDERS = {
    "standardwebhooks": (by_library(standardwebhooks.Webhook), True),
    "svix": (by_library(svix.webhooks.Webhook), True),
    "v1a": (door.by_key, True),
    "github": (door.by_hub, False),
}


class Doors(Cloud):
    """Each test finds the stand-in with instances that nobody has sealed."""

    def outcome(self, answer, status=200):
        self.assertEqual(answer[0], status, answer)
        (report,) = answer[1]["reports"]
        return report["outcome"], report["correlation_id"]

    def refused(self, answer):
        self.assertEqual((answer[0], answer[1]["title"]), (401, "Unauthorized"), answer)

    def writes(self):
        return [call for call in self.calls() if call[0] == "EnableBackupEncryption"]


class Requests(Doors):
    BODY = json.dumps({"instance": "rm-1", "region": "cn-hangzhou", "account": ACCOUNT}, indent=1) + "\n"

    def test_a_signed_request_is_accepted_and_its_repeat_recognised(self):
        for name, (prove, signs_the_time) in SENDERS.items():
            with self.subTest(sender=name):
                self.setUp()
                headers = {**JSON, **prove(f"msg_{uuid.uuid4().hex}", door.now(), self.BODY)}
                first = self.outcome(door.post("/v1/requests", self.BODY, headers))
                again = self.outcome(door.post("/v1/requests", self.BODY, headers))
                expected = ("enabled", "already_enabled") if signs_the_time else ("planned", "planned")
                self.assertEqual((first[0], again[0]), expected)
                self.assertEqual(first[1], again[1])

    def test_another_body_is_refused(self):
        for name, (prove, _) in SENDERS.items():
            with self.subTest(sender=name):
                headers = {**JSON, **prove("msg_1", door.now(), self.BODY)}
                for body in [self.BODY.replace("rm-1", "rm-2"), self.BODY + " ", self.BODY[:-1], ""]:
                    self.refused(door.post("/v1/requests", body, headers))
        self.assertEqual(self.calls(), [])

    def test_another_time_is_refused(self):
        for name, (prove, signs_the_time) in SENDERS.items():
            if not signs_the_time:
                continue
            with self.subTest(sender=name):
                for moment in [door.now() - LATE, door.now() + LATE]:
                    headers = {**JSON, **prove("msg_1", moment, self.BODY)}
                    self.refused(door.post("/v1/requests", self.BODY, headers))
                stale = prove("msg_1", door.now() - LATE, self.BODY)
                stale["webhook-timestamp"] = str(int(door.now().timestamp()))
                self.refused(door.post("/v1/requests", self.BODY, {**JSON, **stale}))
        self.assertEqual(self.calls(), [])

    def test_another_secret_is_refused(self):
        other = "whsec_" + "A" * 32
        for library in [standardwebhooks.Webhook, svix.webhooks.Webhook]:
            signature = library(other).sign("msg_1", door.now(), self.BODY)
            headers = {**JSON, **door.standard(signature, "msg_1", door.now())}
            self.refused(door.post("/v1/requests", self.BODY, headers))
        self.refused(door.post("/v1/requests", self.BODY, JSON))
        self.assertEqual(self.calls(), [])

    def test_outside_its_scope_a_sender_is_refused_by_name(self):
        body = json.dumps({"instance": "rm-1", "region": "ap-southeast-1"})
        headers = {**JSON, **SENDERS["svix"][0]("msg_1", door.now(), body)}
        status, answer = door.post("/v1/requests", body, headers)
        self.assertEqual((status, answer["reports"][0]["rule"]["name"]), (200, "webhook-regions"))
        self.assertEqual(self.calls(), [])


def created(instance):
    attributes = {
        "id": "e-1",
        "source": "acs.rds",
        "type": "rds:ActionTrail:ApiCall",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "aliyunaccountid": ACCOUNT,
        "aliyunregionid": "cn-hangzhou",
        "subject": "é \"quoted\" 100%",
    }
    data = {"eventName": "CreateDBInstance", "serviceName": "Rds", "acsRegion": "cn-hangzhou"}
    return CloudEvent(attributes, {**data, "responseElements": {"DBInstanceId": instance}})


class Events(Doors):
    def test_both_modes_of_the_library_carry_the_same_event(self):
        correlations = set()
        for outcome, message in [
            ("enabled", to_structured_event(created("rm-1"))),
            # Its attributes are headers, which are not signed.
            ("planned", to_binary_event(created("rm-1"))),
        ]:
            body = message.body.decode()
            headers = {**message.headers, **SENDERS["standardwebhooks"][0]("msg_1", door.now(), body)}
            found, correlation = self.outcome(door.post("/v1/events", body, headers))
            self.assertEqual(found, outcome)
            correlations.add(correlation)
        self.assertEqual(len(correlations), 1)

    def test_a_bearer_s_event_is_only_planned(self):
        message = to_structured_event(created("rm-1"))
        headers = {**message.headers, "authorization": f"Bearer {door.CRON}"}
        self.assertEqual(self.outcome(door.post("/v1/events", message.body.decode(), headers))[0], "planned")
        self.assertEqual(self.writes(), [])


class Pushes(Doors):
    BODY = to_structured_event(created("rm-1")).body.decode()

    def push(self, body=BODY, **differently):
        return door.post("/v1/eventbridge", body, {**JSON, **door.by_bus(**{"moment": door.now(), "body": self.BODY, **differently})})

    def test_a_push_is_accepted_and_its_repeat_recognised(self):
        moment = door.now()
        first, again = self.outcome(self.push(moment=moment)), self.outcome(self.push(moment=moment))
        self.assertEqual((first[0], again[0]), ("enabled", "already_enabled"))
        self.assertEqual(first[1], again[1])

    def test_what_is_not_the_bus_s_own_now_for_us_is_refused(self):
        minute = datetime.timedelta(seconds=63)
        self.refused(self.push(self.BODY.replace("rm-1", "rm-2")))
        self.refused(self.push(moment=door.now() - minute))
        self.refused(self.push(moment=door.now() + minute))
        self.refused(self.push(token="a-token-of-another-customer"))
        self.assertEqual(self.calls(), [])
