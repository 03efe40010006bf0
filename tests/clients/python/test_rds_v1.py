"""RDS by HMAC-SHA1: the older SDK, which knows nothing else, and the newer ones told to."""

import cases
from clients import V1, Refused
from cloud import Cloud, control
from operations import RDS


class EveryRdsCallByV1(cases.EveryCall):
    operations, clients = RDS, V1


class SpecialCharactersByV1(Cloud):
    def test_they_arrive_as_they_were_meant(self):
        for client in V1:
            for key in ["a b+c/d=e~f*g", "é备份🔒", "!\"#$%&'()*+,:;<=>?@[]^`{|}", "100%2F", " "]:
                with self.subTest(client=repr(client), key=key):
                    with self.assertRaises(Refused) as refused:
                        client.call(RDS[0], {"DBInstanceName": "rm-1", "EncryptionKey": key})
                    # Signed well, and then no key of that name.
                    self.assertEqual(refused.exception.code, "KmsApiError")
                    self.assertEqual(control("GET", "calls")[-1]["key"], key)
