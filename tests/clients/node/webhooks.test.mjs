// What senders' own libraries sign is accepted; what was changed, is stale or was sent before is refused or recognised.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sign } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";

import { control } from "./cloud.mjs";

const { CI, HUB, DOOR } = process.env;
const body = JSON.stringify({ instance: "rm-demo7", region: "cn-hangzhou" });

async function post(headers, sent = body) {
  const all = { "content-type": "application/json", ...headers };
  const answer = await fetch(`http://${DOOR}/v1/requests`, { method: "POST", headers: all, body: sent });
  return { status: answer.status, answer: await answer.json() };
}

function signed(id, moment = new Date(), secret = CI) {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(moment.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, moment, body),
  };
}

const seconds = (off) => new Date(Date.now() + off * 1000);

test("a request signed by standardwebhooks is accepted, its repeat recognised, anything else refused", async () => {
  await control("PUT", "instances", [{ id: "rm-demo7" }]);
  const headers = signed("msg_of_node");
  // A captured request can be sent under another delivery id, which is not signed: it is recognised all the same.
  const [first, again] = [await post(headers), await post({ ...headers, "x-github-delivery": "another-delivery" })];
  assert.deepEqual([first.status, again.status], [200, 200]);
  const [one, two] = [first.answer.reports[0], again.answer.reports[0]];
  assert.deepEqual([one.outcome, two.outcome], ["enabled", "already_enabled"]);
  assert.equal(one.correlation_id, two.correlation_id);

  const before = (await control("GET", "calls")).length;
  const other = `whsec_${"A".repeat(32)}`;
  for (const refused of [
    await post(headers, body.replace("demo7", "demo8")),
    await post(headers, `${body}\n`),
    await post({ ...headers, "webhook-id": "msg_other" }),
    await post(signed("msg_stale", seconds(-310))),
    await post(signed("msg_future", seconds(310))),
    await post(signed("msg_other", new Date(), other)),
    await post({}),
  ]) {
    assert.equal(refused.status, 401);
  }
  assert.equal((await control("GET", "calls")).length, before);
});

test("a request signed by @octokit/webhooks-methods is planned, its repeat recognised, another body refused", async () => {
  await control("PUT", "instances", [{ id: "rm-demo7" }]);
  const headers = { "x-hub-signature-256": await sign(HUB, body), "x-github-delivery": "delivery-of-node" };
  const [first, again] = [await post(headers), await post(headers)];
  const [one, two] = [first.answer.reports[0], again.answer.reports[0]];
  assert.deepEqual([one.outcome, two.outcome, one.mode], ["planned", "planned", "plan"]);
  assert.equal(one.correlation_id, two.correlation_id);
  assert.equal((await post(headers, `${body} `)).status, 401);
  assert.equal((await post({ "x-hub-signature-256": await sign(`${HUB}!`, body) })).status, 401);
});
