"""KMS: the one operation, and the states of a key."""

import cases
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client
from clients import V1, V3, config
from cloud import ACCOUNT, REGION, Cloud, control
from operations import KMS


class EveryKmsCall(cases.EveryCall):
    operations, clients = KMS, V3 + V1

    @cases.each
    def test_a_key_nobody_has_is_not_found(self, client, operation):
        refused = self.refusal(client, operation, {"KeyId": "alias/none"})
        self.assertEqual((refused.code, refused.status), ("Forbidden.KeyNotFound", 404))


class KeysByTheirModel(Cloud):
    def test_every_state_is_told(self):
        states = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"]
        control("PUT", "keys", [{"id": state, "state": state} for state in states])
        for state in states:
            key = Client(config()).describe_key(models.DescribeKeyRequest(key_id=state)).body.key_metadata
            self.assertEqual((key.key_id, key.key_state, key.key_usage), (state, state, "ENCRYPT/DECRYPT"))
            self.assertEqual(key.arn, f"acs:kms:{REGION}:{ACCOUNT}:key/{state}")
            self.assertEqual(bool(key.delete_date), state == "PendingDeletion")
