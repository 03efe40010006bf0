"""KMS: its operations, the states of a key, and the versions of a secret."""

import json

import cases
import door
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client
from clients import V1, V3, config, refusals, Refused
from cloud import ACCOUNT, REGION, SECRET_NAME, VALUE, Cloud, control
from operations import KMS


class EveryKmsCall(cases.EveryCall):
    operations, clients = KMS, V3 + V1

    @cases.each
    def test_what_nobody_has_is_not_found(self, client, operation):
        refused = self.refusal(client, operation, {operation.required: "alias/none"})
        unknown = {"DescribeKey": "Forbidden.KeyNotFound", "GetSecretValue": "Forbidden.ResourceNotFound"}
        self.assertEqual((refused.code, refused.status), (unknown[operation.name], 404))


class KeysByTheirModel(Cloud):
    def test_every_state_is_told(self):
        states = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"]
        control("PUT", "keys", [{"id": state, "state": state} for state in states])
        for state in states:
            key = Client(config()).describe_key(models.DescribeKeyRequest(key_id=state)).body.key_metadata
            self.assertEqual((key.key_id, key.key_state, key.key_usage), (state, state, "ENCRYPT/DECRYPT"))
            self.assertEqual(key.arn, f"acs:kms:{REGION}:{ACCOUNT}:key/{state}")
            self.assertEqual(bool(key.delete_date), state == "PendingDeletion")


class SecretsByTheirModel(Cloud):
    def read(self, name=SECRET_NAME, **more):
        request = models.GetSecretValueRequest(secret_name=name, **more)
        with refusals():
            return Client(config()).get_secret_value(request).body

    def code(self, **more):
        with self.assertRaises(Refused) as raised:
            self.read(**more)
        return raised.exception.code

    def test_the_current_version_and_the_one_before_it_are_told(self):
        current = self.read()
        self.assertEqual((current.secret_name, current.secret_data), (SECRET_NAME, VALUE))
        self.assertEqual((current.secret_data_type, current.secret_type), ("text", "Generic"))
        self.assertEqual(current.version_stages.version_stage, ["ACSCurrent"])
        before = self.read(version_stage="ACSPrevious")
        self.assertEqual(before.secret_data, "before é")
        self.assertEqual(self.read(version_id=before.version_id).secret_data, "before é")
        arn = f"acs:kms:{REGION}:{ACCOUNT}:secret/{SECRET_NAME}"
        self.assertEqual(self.read(name=arn).secret_data, VALUE)
        self.assertEqual(self.code(version_stage="Another"), "Forbidden.ResourceNotFound")

    def test_a_dry_run_says_whether_it_would_work_and_nothing_else(self):
        self.assertEqual(self.code(dry_run="true"), "DryRunOperationError")
        self.assertEqual(self.code(name="none", dry_run="true"), "Forbidden.ResourceNotFound")
        control("PUT", "denied", ["kms:GetSecretValue"])
        self.assertEqual(self.code(dry_run="true"), "Forbidden.RAM")

    def test_a_secret_of_thirty_kilobytes_and_a_binary_one_are_told(self):
        large = {"name": "large", "data": "x" * 30720}
        control("PUT", "secrets", [large, {"name": "binary", "data": "AAEC", "binary": True}])
        self.assertEqual(len(self.read(name="large").secret_data), 30720)
        self.assertEqual(self.read(name="binary").secret_data_type, "binary")

    def test_its_own_key_has_to_be_allowed_too(self):
        control("PUT", "secrets", [{"name": "own", "data": "x", "key": "key-1"}])
        control("PUT", "denied", ["kms:Decrypt"])
        with self.assertRaises(Refused) as raised:
            self.read(name="own")
        self.assertEqual(raised.exception.denied["AuthAction"], "kms:Decrypt")

    def test_throttling_is_429_here(self):
        fault = {"operation": "GetSecretValue", "fault": "code", "code": "Rejected.Throttling"}
        control("POST", "faults", [fault])
        with self.assertRaises(Refused) as raised:
            self.read()
        self.assertEqual((raised.exception.code, raised.exception.status), ("Rejected.Throttling", 429))

    def test_the_door_reads_what_the_vendors_own_client_reads(self):
        token = json.loads(self.read().secret_data)["door"]
        body = json.dumps({"instance": "rm-1", "region": REGION})
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        status, answer = door.post("/v1/requests", body, headers)
        self.assertEqual((status, answer["reports"][0]["outcome"]), (200, "planned"))
        status, _ = door.post("/v1/requests", body, {**headers, "authorization": f"Bearer {token}-and-more"})
        self.assertEqual(status, 401)
