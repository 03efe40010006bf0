// The stand-in cloud as the vendor's Node SDK finds it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, beforeEach, mock, test } from "node:test";
import { OpenApiUtil } from "@alicloud/openapi-core";
import { control, invoke, keyId, rpc } from "./cloud.mjs";

const account = "1234567890123456";
const role = `acs:ram::${account}:role/sealer`;
const provider = `acs:ram::${account}:oidc-provider/ack`;
const rds = (action, parameters, required) => ({ action, version: "2014-08-15", parameters, required });
const here = { RegionId: "cn-hangzhou" };
const one = { DBInstanceId: "rm-1" };
const operations = [
  rds("EnableBackupEncryption", { DBInstanceName: "rm-1" }, "DBInstanceName"),
  rds("CheckRegionSupportBackupEncryption", here, "RegionId"),
  rds("CheckBackupEncryptionAuthorized", here, "RegionId"),
  rds("AuthorizeBackupEncryption", here, "RegionId"),
  rds("DescribeDBInstances", { ...here, MaxResults: "1" }, "RegionId"),
  rds("DescribeDBInstanceAttribute", one, "DBInstanceId"),
  rds("DescribeBackups", one, "DBInstanceId"),
  rds("DescribeBackupPolicy", one, "DBInstanceId"),
  rds("ListTagResources", { ...here, ResourceType: "INSTANCE", "ResourceId.1": "rm-1" }, "ResourceType"),
  { action: "DescribeKey", version: "2016-01-20", parameters: { KeyId: "key-1" }, required: "KeyId" },
  { action: "GetSecretValue", version: "2016-01-20", parameters: { SecretName: "a/b+c" }, required: "SecretName" },
  {
    action: "AssumeRole",
    version: "2015-04-01",
    parameters: { RoleArn: role, RoleSessionName: "node" },
    required: "RoleArn",
  },
  {
    action: "PutEvents",
    version: "2020-04-01",
    parameters: { EventBusName: "audit", EventList: '[{"Id":"1","Source":"seal","Type":"enabled","Data":"é+ /"}]' },
    required: "EventBusName",
    place: "body",
  },
  { action: "GetCallerIdentity", version: "2015-04-01", parameters: {} },
];
const byToken = {
  action: "AssumeRoleWithOIDC",
  version: "2015-04-01",
  parameters: { RoleArn: role, OIDCProviderArn: provider, OIDCToken: "a.b+/=.c", RoleSessionName: "pod" },
  required: "OIDCToken",
  anonymous: true,
};

const given = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    given.push(Buffer.concat(chunks).toString());
    response.writeHead(200, { "x-fc-status": "200" }).end(Buffer.concat(chunks));
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
after(() => server.close());

beforeEach(async () => {
  mock.restoreAll();
  given.length = 0;
  await control("DELETE", "faults");
  await control("PUT", "denied", []);
  await control("PUT", "clock", { offset_seconds: 0 });
  await control("PUT", "keys", [{ id: "key-1" }]);
  await control("PUT", "secrets", [{ name: "a/b+c", data: "é" }]);
  await control("PUT", "functions", [{ name: "seal", url: `http://127.0.0.1:${server.address().port}` }]);
  const oidc = { provider_arn: provider, token: "a.b+/=.c" };
  await control("PUT", "accounts", [{ id: account, roles: [{ name: "sealer", trusts: [account], oidc }] }]);
  await instances();
});

const instances = () => control("PUT", "instances", [{ id: "rm-1", tags: { env: "é" } }, { id: "rm-2" }]);
const ways = [
  { algorithm: undefined, place: "query" },
  { algorithm: undefined, place: "body" },
  { algorithm: "v2", place: "query" },
  { algorithm: "v2", place: "body" },
];

// Calls every signed operation in every way, each with the instances as they were.
async function each(check) {
  for (const way of ways) {
    for (const operation of operations.filter(({ place = way.place }) => place === way.place)) {
      await instances();
      await check(operation, way, `${operation.action} ${way.algorithm ?? "v3"} ${way.place}`);
    }
  }
}

const refusal = (code) => (error) => {
  assert.equal(error.code, code, String(error));
  return true;
};

test("good calls are answered, with and without a session token", async () => {
  await each(async (operation, way, label) => {
    const answer = await rpc(operation, operation.parameters, way);
    assert.match(answer.RequestId, /^[0-9A-F-]{36}$/, label);
  });
  await each(async (operation, way) => {
    const identity = { accessKeyId: `STS.${keyId}`, securityToken: "a+b/c=d e~*&%" };
    await rpc(operation, operation.parameters, { ...way, ...identity });
  });
});

test("a wrong secret and an unknown key are refused", async () => {
  await each(async (operation, way) => {
    const wrong = { ...way, accessKeySecret: "another" };
    await assert.rejects(rpc(operation, operation.parameters, wrong), refusal("SignatureDoesNotMatch"));
    const unknown = { ...way, accessKeyId: "somebody" };
    await assert.rejects(rpc(operation, operation.parameters, unknown), refusal("InvalidAccessKeyId.NotFound"));
  });
});

test("a stale date is refused", async () => {
  const stale = new Date(Date.now() - 1000_000).toISOString().replace(/\.\d+/, "");
  mock.method(OpenApiUtil, "getTimestamp", () => stale);
  await each((operation, way) =>
    assert.rejects(rpc(operation, operation.parameters, way), refusal("InvalidTimeStamp.Expired")),
  );
});

test("a used nonce is refused", async () => {
  let number = 0;
  mock.method(OpenApiUtil, "getNonce", () => `nonce-of-node-${number}`);
  await each(async (operation, way) => {
    number += 1;
    await rpc(operation, operation.parameters, way);
    await assert.rejects(rpc(operation, operation.parameters, way), refusal("SignatureNonceUsed"));
  });
});

test("a missing parameter is refused", async () => {
  await each(async (operation, way) => {
    if (!operation.required) return;
    const { [operation.required]: _, ...rest } = operation.parameters;
    await assert.rejects(rpc(operation, rest, way), refusal(`Missing${operation.required}`));
  });
});

test("a throttled call says when to come back, and a denied one who lacked what", async () => {
  await each(async (operation, way, label) => {
    await control("POST", "faults", [{ operation: operation.action, fault: "throttle", retry_after_ms: 70 }]);
    await assert.rejects(rpc(operation, operation.parameters, way), (error) => {
      assert.deepEqual([error.code, error.retryAfter], ["Throttling.User", 70], label);
      return true;
    });
  });
  await control("PUT", "denied", ["*"]);
  await each((operation, way, label) =>
    assert.rejects(rpc(operation, operation.parameters, way), (error) => {
      assert.equal(error.statusCode, 403, label);
      assert.match(error.accessDeniedDetail.AuthAction, new RegExp(`:${operation.action}$`));
      return true;
    }),
  );
});

test("special characters arrive as they were meant", async () => {
  for (const way of ways) {
    for (const key of ["a b+c/d=e~f*g", "é备份🔒", "!\"#$%&'()*+,:;<=>?@[]^`{|}", "100%2F", " "]) {
      const wish = { DBInstanceName: "rm-1", EncryptionKey: key };
      await assert.rejects(rpc(operations[0], wish, way), refusal("KmsApiError"), JSON.stringify({ way, key }));
      assert.equal((await control("GET", "calls")).at(-1).key, key);
    }
  }
});

test("a token gives a session without a signature, and the session signs", async () => {
  for (const way of ways) {
    const { Credentials: session } = await rpc(byToken, byToken.parameters, way);
    const identity = {
      accessKeyId: session.AccessKeyId,
      accessKeySecret: session.AccessKeySecret,
      securityToken: session.SecurityToken,
    };
    const answer = await rpc(operations.at(-1), {}, { ...way, ...identity });
    assert.equal(answer.Arn, `acs:ram::${account}:assumed-role/sealer/pod`);
    const wrong = { ...byToken.parameters, OIDCToken: "another" };
    await assert.rejects(rpc(byToken, wrong, way), refusal("AuthenticationFail.OIDCToken.Invalid"));
  }
});

test("a function is called at once and later", async () => {
  const body = '{"note":"é 备份"}';
  const now = await invoke("seal", body);
  assert.deepEqual([now.statusCode, now.body, given.pop()], [200, body, body]);
  const later = await invoke("seal", body, { "x-fc-invocation-type": "Async", "x-fc-async-delay": "60" });
  assert.deepEqual([later.statusCode, later.body, given.length], [202, "", 0]);
  await control("POST", "clock/advance", { seconds: 60 });
  assert.deepEqual(given, [body]);
});

test("a bad call of a function is refused", async () => {
  await assert.rejects(invoke("none", "x"), refusal("FunctionNotFound"));
  await assert.rejects(invoke("seal", "x", {}, { accessKeySecret: "another" }), refusal("SignatureDoesNotMatch"));
  const never = { "x-fc-invocation-type": "Async", "x-fc-async-delay": "3600" };
  await assert.rejects(invoke("seal", "x", never), refusal("InvalidArgument"));
  await control("PUT", "denied", ["fc:*"]);
  await assert.rejects(invoke("seal", "x"), refusal("AccessDenied"));
  assert.equal(given.length, 0);
});
