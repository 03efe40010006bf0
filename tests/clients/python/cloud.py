"""The stand-in cloud under test: its control requests, and what each test begins with."""

import json
import os
import unittest
import urllib.error
import urllib.request

# host:port, set by `run`.
ADDRESS = os.environ["STAND_IN"]
ACCOUNT = "1234567890123456"
KEY_ID, SECRET = "testAccessKeyId", "testAccessKeySecret"
REGION = "cn-hangzhou"
ROLE = f"acs:ram::{ACCOUNT}:role/sealer"
PROVIDER = f"acs:ram::{ACCOUNT}:oidc-provider/ack"
TOKEN = "header.payload+/=.signature"
KEY = "key-hzz62bb4a8d3j4qp9jo7g"
SECRET_NAME = "rds-seal/a+b=c.d@e_f-g"
VALUE = '{"token": "é+/= ~*&%", "door": "a-bearer-token-that-only-kms-knows-0001"}'

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def control(method, path, body=None):
    """One control request. A refused one is an error that says why."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{ADDRESS}/_emulator/{path}", data, method=method)
    try:
        with _DIRECT.open(request) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise ValueError(error.read().decode()) from None
    return json.loads(text) if text else None


def hold_secrets():
    """Puts into KMS what the door in front of the stand-in reads there."""
    control("PUT", "secrets", [{"name": SECRET_NAME, "data": VALUE, "previous": "before é"}])


def every_operation():
    """The operations there are. Asked for one that is not, the stand-in names them all; sinks begin small."""
    try:
        control("POST", "faults", [{"operation": "?", "fault": "drop"}])
    except ValueError as refused:
        names = str(refused).split("expected", 1)[1].split("`")[1::2]
        return {name for name in names if name[0].isupper()}
    raise AssertionError("a fault of no operation was taken")


class Cloud(unittest.TestCase):
    """A test that finds the stand-in as it is right after its start, with a role, a key and some instances."""

    maxDiff = None

    def setUp(self):
        control("PUT", "clock", {"offset_seconds": 0})
        control("DELETE", "faults")
        control("DELETE", "queue")
        control("DELETE", "notifications")
        control("PUT", "sink_secrets", {})
        control("PUT", "denied", [])
        control("PUT", "unsupported_regions", [])
        control("PUT", "functions", [])
        oidc = {"provider_arn": PROVIDER, "token": TOKEN}
        role = {"name": "sealer", "trusts": [ACCOUNT], "oidc": oidc}
        control("PUT", "accounts", [{"id": ACCOUNT, "roles": [role]}])
        control("PUT", "keys", [{"id": KEY}])
        hold_secrets()
        control("PUT", "metadata", {"role": "sealer", "v1": False})
        control("PUT", "instances", [{"id": f"rm-{number}", "tags": {"env": "é"}} for number in range(5)])
        self.before = len(control("GET", "calls"))

    def taken(self):
        """What sinks took since the test began: sink and body."""
        return [(one["sink"], one["body"]) for one in control("GET", "notifications")]

    def calls(self):
        """What the cloud was asked since the test began: operation, code, signature."""
        new = control("GET", "calls")[self.before :]
        return [(call["operation"], call["code"], call["signature"]) for call in new]
