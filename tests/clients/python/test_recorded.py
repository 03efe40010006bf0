"""Our own client's requests, signed anew by the vendor's signers from what was on the wire and the secret alone.

`run` has them recorded (`tests/it/recorded.rs`) and names the file.
"""

import base64
import hashlib
import json
import os
import unittest
from collections import Counter
from types import SimpleNamespace
from urllib.parse import parse_qsl

from alibabacloud_openapi_util.client import Client as OldUtils
from alibabacloud_tea_openapi.utils import Utils
from aliyunsdkcore.auth.composer import rpc_signature_composer

KEY_ID, SECRET = "testAccessKeyId", "testAccessKeySecret"
V3 = "ACS3-HMAC-SHA256"
# The functions behind `get_signed_url`, which would take a date and a nonce of its own.
core_string_to_sign = getattr(rpc_signature_composer, "__compose_string_to_sign")
core_signature = getattr(rpc_signature_composer, "__get_signature")


class Recorded:
    """A request as it was received."""

    def __init__(self, line):
        self.method, self.path, self.raw_query = line["method"], line["path"], line["query"]
        self.headers = dict(line["headers"])
        assert len(self.headers) == len(line["headers"]), "a header came twice"
        self.body = base64.b64decode(line["body"])
        # As a server reads a query: `+` is a space.
        pairs = parse_qsl(self.raw_query, keep_blank_values=True, strict_parsing=bool(self.raw_query))
        self.query = dict(pairs)
        assert len(self.query) == len(pairs), "a parameter came twice"

    @property
    def kind(self):
        if "authorization" in self.headers:
            return "v3 rpc" if self.path == "/" else "v3 roa"
        return "v1" if "Signature" in self.query else "unsigned"

    @property
    def has_token(self):
        return "x-acs-security-token" in self.headers or "SecurityToken" in self.query

    def signatures(self):
        """The one it has, and the ones the vendor's signers give."""
        return self.by_v1() if self.kind == "v1" else self.by_v3()

    def by_v3(self):
        own = self.headers["authorization"]
        names = own.split("SignedHeaders=")[1].split(",")[0].split(";")
        payload = Utils.hash(self.body, V3).hex()
        request = SimpleNamespace(
            method=self.method, pathname=self.path, query=self.query,
            headers={name: self.headers[name] for name in names},
        )
        theirs = [
            Utils.get_authorization(request, V3, payload, KEY_ID, SECRET),
            OldUtils.get_authorization(request, V3, payload, KEY_ID, SECRET),
        ]
        return own, theirs

    def by_v1(self):
        signed = {name: value for name, value in self.query.items() if name != "Signature"}
        theirs = [
            Utils.get_rpcsignature(signed, self.method, SECRET),
            core_signature(core_string_to_sign(self.method, signed), SECRET),
        ]
        return self.query["Signature"], theirs


def lines():
    with open(os.environ["RECORDED_REQUESTS"], encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class OurRequests(unittest.TestCase):
    def setUp(self):
        self.requests = [Recorded(line) for line in lines()]
        self.signed = [request for request in self.requests if request.kind != "unsigned"]

    def test_there_are_as_many_of_each_kind_as_there_should_be(self):
        kinds = Counter((request.kind, request.has_token) for request in self.requests)
        # Eleven sets of parameters and six operations; six invocations, sent by clients of either version.
        wanted = {(kind, token): 17 for kind in ["v3 rpc", "v1"] for token in [False, True]}
        wanted |= {("v3 roa", token): 12 for token in [False, True]}
        wanted[("unsigned", False)] = 1
        self.assertEqual(kinds, wanted)
        text = str([request.query for request in self.requests])
        for special in ["a+b", "'*'", "~", "é", "备份", "🔒", "''", "%2F%20+", "/" * 1500]:
            self.assertIn(special, text)
        self.assertGreaterEqual(len({request.body for request in self.requests}), 6)

    def test_every_signature_is_the_one_the_vendor_computes(self):
        for request in self.signed:
            own, theirs = request.signatures()
            for signature in theirs:
                self.assertEqual(own, signature, request.raw_query)

    def test_the_query_on_the_wire_is_the_one_that_was_signed(self):
        for request in self.signed:
            signed = {name: value for name, value in request.query.items() if name != "Signature"}
            sent = request.raw_query.split("&Signature=")[0]
            encode = Utils.get_encode_param
            self.assertEqual(sent, "&".join(f"{encode(name)}={encode(signed[name])}" for name in sorted(signed)))

    def test_v3_signs_every_header_it_must(self):
        for request in self.signed:
            if request.kind == "v1":
                continue
            names = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
            must = {name for name in request.headers if name.startswith("x-acs-")} | {"host"}
            must |= {"content-type"} & set(request.headers)
            self.assertEqual(set(names), must)
            self.assertEqual(names, sorted(names))
            self.assertEqual(request.headers["x-acs-content-sha256"], hashlib.sha256(request.body).hexdigest())

    def test_every_request_has_a_nonce_of_its_own(self):
        nonces = [
            one.headers.get("x-acs-signature-nonce") or one.query["SignatureNonce"] for one in self.signed
        ]
        self.assertEqual(len(set(nonces)), len(nonces))
        self.assertTrue(all(len(nonce) == 32 for nonce in nonces))

    def test_an_unsigned_exchange_keeps_its_token_out_of_the_url_and_of_every_header(self):
        (request,) = [request for request in self.requests if request.kind == "unsigned"]
        self.assertEqual((request.method, request.path, request.raw_query), ("POST", "/", ""))
        self.assertEqual(request.headers["content-type"], "application/x-www-form-urlencoded")
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        self.assertEqual(form["OIDCToken"], "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln+/ =&~*é")
        self.assertEqual((form["Action"], form["Version"]), ("AssumeRoleWithOIDC", "2015-04-01"))
        self.assertFalse({"Signature", "AccessKeyId", "SignatureMethod", "SecurityToken"} & set(form))
        self.assertNotIn("eyJ", str(request.headers))
        self.assertNotIn("authorization", request.headers)

    def test_a_request_altered_anywhere_is_told_apart(self):
        """The comparison can fail: whatever is changed in any request, its signature is no longer the vendor's."""
        for line in lines():
            if Recorded(line).kind == "unsigned":
                continue
            alterations = list(altered(line))
            self.assertGreaterEqual(len(alterations), 3)
            for what, request in alterations:
                own, theirs = Recorded(request).signatures()
                for signature in theirs:
                    self.assertNotEqual(own, signature, what)


def altered(line):
    """The request with one thing changed, for every thing that is signed."""

    def but(**change):
        return json.loads(json.dumps({**line, **change}))

    yield "method", but(method="GET")
    yield "a parameter more", but(query=line["query"] + ("&" if line["query"] else "") + "Extra=")
    for number, pair in enumerate(line["query"].split("&") if line["query"] else []):
        pairs = line["query"].split("&")
        pairs[number] = pair + "x"
        yield f"parameter {pair}", but(query="&".join(pairs))
    if Recorded(line).kind == "v1":
        return
    yield "path", but(path=line["path"] + "x")
    yield "body", but(body=base64.b64encode(base64.b64decode(line["body"]) + b"x").decode())
    for number, (name, value) in enumerate(line["headers"]):
        if name.startswith("x-acs-") or name in ["host", "content-type", "authorization"]:
            headers = json.loads(json.dumps(line["headers"]))
            headers[number][1] = value + "x"
            yield f"header {name}", but(headers=headers)

