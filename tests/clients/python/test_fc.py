"""Function Compute: InvokeFunction, at once and later, which only ACS3-HMAC-SHA256 signs."""

import io
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from clients import V3, config
from cloud import ACCOUNT, KEY_ID, Cloud, control
from darabonba.runtime import RuntimeOptions

BODY = '{"schema":"rds-seal.task/1","note":"é 备份 +&=%"}'.encode()
OF_TEA = V3[0]


class Function(BaseHTTPRequestHandler):
    """A function that returns what it is given, and fails if that is `fail`."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.given.append((self.path, dict(self.headers), body))
        self.send_response(404 if body == b"fail" else 200)
        self.send_header("x-fc-status", "404" if body == b"fail" else "200")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Functions(Cloud):
    def setUp(self):
        super().setUp()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Function)
        self.server.given = []
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        control("PUT", "functions", [{"name": "seal", "url": f"http://127.0.0.1:{self.server.server_port}"}])

    def invoke(self, body=BODY, name="seal", qualifier=None, delay=None, kind=None, **identity):
        common = None if delay is None else {"x-fc-async-delay": str(delay)}
        headers = models.InvokeFunctionHeaders(common_headers=common, x_fc_invocation_type=kind)
        request = models.InvokeFunctionRequest(body=io.BytesIO(body), qualifier=qualifier)
        client = Client(config(**identity))
        return client.invoke_function_with_options(name, request, headers, RuntimeOptions())

    def refusal(self, **wishes):
        with self.assertRaises(AlibabaCloudException) as raised:
            self.invoke(**wishes)
        self.assertRegex(raised.exception.request_id, r"^[0-9A-F-]{36}$")
        return raised.exception

    def code(self, **wishes):
        return self.refusal(**wishes).code

    def test_a_function_is_called_and_its_answer_comes_back(self):
        for identity in [{}, {"key_id": f"STS.{KEY_ID}", "token": "a+b/c=d e"}]:
            answer = self.invoke(qualifier="LATEST", **identity)
            self.assertEqual((answer.status_code, answer.body.read()), (200, BODY))
            self.assertNotIn("x-fc-error-type", answer.headers)
            path, headers, body = self.server.given.pop()
            self.assertEqual((path, body, headers["x-fc-qualifier"]), ("/invoke", BODY, "LATEST"))
        self.assertEqual(self.calls(), [("InvokeFunction", "OK", "v3")] * 2)

    def test_an_empty_and_a_binary_body_are_signed_too(self):
        for body in [b"", bytes(range(256)) * 300]:
            self.assertEqual(self.invoke(body=body).status_code, 200)
            self.assertEqual(self.server.given.pop()[2], body)

    def test_a_function_that_fails_is_a_header(self):
        answer = self.invoke(body=b"fail")
        self.assertEqual((answer.status_code, answer.body.read()), (200, b"fail"))
        self.assertEqual(answer.headers["x-fc-error-type"], "UnhandledInvocationError")

    def test_a_call_can_wait_in_the_queue(self):
        answer = self.invoke(kind="Async", delay=60)
        self.assertEqual((answer.status_code, answer.body.read()), (202, b""))
        self.assertRegex(answer.headers["x-fc-request-id"], r"^[0-9A-F-]{36}$")
        (waiting,) = control("GET", "queue")["waiting"]
        self.assertEqual((waiting["function"], waiting["delay_seconds"]), ("seal", 60))
        control("POST", "clock/advance", {"seconds": 59})
        self.assertEqual(self.server.given, [])
        control("POST", "clock/advance", {"seconds": 1})
        self.assertEqual([body for _, _, body in self.server.given], [BODY])
        self.assertEqual(control("GET", "queue")["waiting"], [])

    def test_what_cannot_be_queued_is_refused(self):
        self.assertEqual(self.code(kind="Async", delay=3600), "InvalidArgument")
        self.assertEqual(self.code(kind="Later"), "InvalidArgument")
        self.assertEqual(self.code(kind="Async", body=b"x" * (128 * 1024 + 1)), "InvalidArgument")
        self.assertEqual(control("GET", "queue")["waiting"], [])

    def test_a_function_nobody_has_is_not_found(self):
        for name in ["none", "a+b c", "备份~*"]:
            refused = self.refusal(name=name)
            self.assertEqual((refused.code, refused.status_code), ("FunctionNotFound", 404), name)

    def test_a_wrong_secret_or_key_is_refused(self):
        self.assertEqual(self.code(secret="another"), "SignatureDoesNotMatch")
        self.assertEqual(self.code(key_id="somebody"), "InvalidAccessKeyId.NotFound")
        self.assertEqual(self.server.given, [])

    def test_a_date_too_far_off_is_refused(self):
        with OF_TEA.clock_off_by(-1000):
            self.assertEqual(self.code(), "InvalidTimeStamp.Expired")

    def test_a_used_nonce_is_refused(self):
        with OF_TEA.nonce_is(uuid.uuid4().hex):
            self.invoke()
            self.assertEqual(self.code(), "SignatureNonceUsed")
        self.assertEqual(len(self.server.given), 1)

    def test_a_throttled_call_says_so_and_when_to_come_back(self):
        control("POST", "faults", [{"operation": "InvokeFunction", "fault": "throttle", "retry_after_ms": 70}])
        refused = self.refusal()
        self.assertEqual(refused.retry_after, 70)
        control("POST", "faults", [{"operation": "InvokeFunction", "fault": "code", "code": "ResourceExhausted"}])
        refused = self.refusal()
        self.assertEqual((refused.code, refused.status_code), ("ResourceExhausted", 429))

    def test_a_denied_call_says_who_lacked_what(self):
        control("PUT", "denied", ["fc:InvokeFunction"])
        refused = self.refusal()
        self.assertEqual((refused.code, refused.status_code), ("AccessDenied", 403))
        self.assertEqual(refused.access_denied_detail["AuthAction"], "fc:InvokeFunction")
        self.assertEqual(refused.access_denied_detail["AuthPrincipalOwnerId"], ACCOUNT)
