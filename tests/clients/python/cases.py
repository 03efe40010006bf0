"""What holds for every signed operation and every client. A service's test names its operations and clients."""

import functools
import uuid

from clients import Refused
from cloud import KEY_ID, Cloud, control


def each(case):
    """Makes a case a test of every client with every operation, each on a stand-in like new."""

    @functools.wraps(case)
    def test(self):
        for client in self.clients:
            for operation in self.operations:
                with self.subTest(client=repr(client), operation=operation.name):
                    self.setUp()
                    case(self, client, operation)

    return test


class EveryCall(Cloud):
    operations, clients = [], []

    def refusal(self, client, operation, parameters=None, **identity):
        parameters = operation.parameters if parameters is None else parameters
        with self.assertRaises(Refused) as raised:
            client.call(operation, parameters, **identity)
        refused = raised.exception
        self.assertRegex(refused.request_id, r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")
        self.assertGreaterEqual(refused.status, 400)
        return refused

    def recorded(self, client, operation, *codes):
        """The cloud saw these outcomes, and the version that was meant."""
        self.assertEqual(self.calls(), [(operation.name, code, client.version) for code in codes])

    @each
    def test_a_good_call_is_answered(self, client, operation):
        answer = client.call(operation, operation.parameters)
        self.assertIn(operation.says, str(answer))
        self.assertRegex(answer["RequestId"], r"^[0-9A-F-]{36}$")
        self.recorded(client, operation, "OK")

    @each
    def test_a_call_with_a_session_token_is_answered(self, client, operation):
        answer = client.call(operation, operation.parameters, key_id=f"STS.{KEY_ID}", token="a+b/c=d e~*&%")
        self.assertIn(operation.says, str(answer))
        self.recorded(client, operation, "OK")

    @each
    def test_a_wrong_secret_is_refused(self, client, operation):
        refused = self.refusal(client, operation, secret="another")
        self.assertEqual(refused.code, client.mismatch)
        self.recorded(client, operation, "SignatureDoesNotMatch")

    @each
    def test_an_unknown_key_is_refused(self, client, operation):
        refused = self.refusal(client, operation, key_id="somebody")
        self.assertEqual((refused.code, refused.status), ("InvalidAccessKeyId.NotFound", 404))
        self.recorded(client, operation, "InvalidAccessKeyId.NotFound")

    @each
    def test_a_date_too_far_off_is_refused_either_way(self, client, operation):
        for seconds in [-1000, 1000]:
            with client.clock_off_by(seconds):
                self.assertEqual(self.refusal(client, operation).code, "InvalidTimeStamp.Expired")
        with client.clock_off_by(-800):
            client.call(operation, operation.parameters)
        self.recorded(client, operation, "InvalidTimeStamp.Expired", "InvalidTimeStamp.Expired", "OK")

    @each
    def test_a_used_nonce_is_refused(self, client, operation):
        with client.nonce_is(uuid.uuid4().hex):
            client.call(operation, operation.parameters)
            self.assertEqual(self.refusal(client, operation).code, "SignatureNonceUsed")
        self.recorded(client, operation, "OK", "SignatureNonceUsed")

    @each
    def test_a_missing_or_empty_parameter_is_refused(self, client, operation):
        if not operation.required:
            return
        code = f"Missing{operation.required}"
        absent = {name: value for name, value in operation.parameters.items() if name != operation.required}
        if not client.adds(operation.required):
            self.assertEqual(self.refusal(client, operation, absent).code, code)
        # The SDKs sign an empty value like any other; to the service it is absent.
        empty = {**absent, operation.required: ""}
        self.assertEqual(self.refusal(client, operation, empty).code, code)
        self.assertEqual({outcome for _, outcome, _ in self.calls()}, {code})

    @each
    def test_a_throttled_call_says_so_and_when_to_come_back(self, client, operation):
        control("POST", "faults", [{"operation": operation.name, "fault": "throttle", "retry_after_ms": 70}])
        refused = self.refusal(client, operation)
        self.assertEqual(refused.code, "Throttling.User")
        if "core" not in repr(client):
            self.assertEqual(refused.retry_after, 70)
        # Once is once, and no SDK repeats by itself.
        client.call(operation, operation.parameters)
        self.assertEqual([code for _, code, _ in self.calls()][1:], ["OK"])

    @each
    def test_a_denied_call_says_who_lacked_what(self, client, operation):
        control("PUT", "denied", [operation.action])
        refused = self.refusal(client, operation)
        self.assertEqual((refused.code, refused.status), (operation.denial, 403))
        if "core" not in repr(client):
            self.assertEqual(refused.denied["AuthAction"], operation.action)
            self.assertEqual(refused.denied["NoPermissionType"], "ImplicitDeny")
            self.assertEqual(refused.denied["AuthPrincipalDisplayName"].isdigit(), True)
        self.recorded(client, operation, operation.denial)

    @each
    def test_a_server_error_is_one_to_the_sdk(self, client, operation):
        control("POST", "faults", [{"operation": operation.name, "fault": "code", "code": "ServiceUnavailable"}])
        refused = self.refusal(client, operation)
        self.assertEqual((refused.code, refused.status), ("ServiceUnavailable", 503))
