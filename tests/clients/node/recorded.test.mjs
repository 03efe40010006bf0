// Our own client's requests, signed anew by the vendor's Node SDK. It picks the headers to sign by itself, so it also
// says that ours are the right ones.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { OpenApiUtil } from "@alicloud/openapi-core";
import { keyId, secret } from "./cloud.mjs";

const v3 = "ACS3-HMAC-SHA256";
const text = readFileSync(process.env.RECORDED_REQUESTS, "utf8");
const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));

function read(line) {
  const query = Object.fromEntries(new URLSearchParams(line.query));
  return { ...line, headers: Object.fromEntries(line.headers), query };
}

// The signature a request has, and the one the SDK gives it.
function signatures({ method, path, query, headers, body }) {
  if (headers.authorization === undefined) {
    const { Signature, ...signed } = query;
    return [Signature, OpenApiUtil.getRPCSignature(signed, method, secret)];
  }
  const payload = OpenApiUtil.hash(Buffer.from(body, "base64"), v3).toString("hex");
  const request = { method, pathname: path, query, headers };
  return [headers.authorization, OpenApiUtil.getAuthorization(request, v3, payload, keyId, secret)];
}

const signed = lines.map(read).filter(({ headers, query }) => headers.authorization || query.Signature);

test("every signature is the one the vendor computes", () => {
  assert.equal(signed.length, lines.length - 1);
  for (const request of signed) {
    const [own, theirs] = signatures(request);
    assert.equal(own, theirs, JSON.stringify(request.query));
  }
});

test("an altered request is told apart", () => {
  for (const request of signed) {
    for (const change of [{ method: "GET" }, { query: { ...request.query, Extra: "" } }]) {
      const [own, theirs] = signatures({ ...request, ...change });
      assert.notEqual(own, theirs);
    }
  }
});
