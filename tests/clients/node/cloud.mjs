// The vendor's Node SDK against the stand-in cloud, and the stand-in's control requests.

import core, { $OpenApiUtil, OpenApiUtil } from "@alicloud/openapi-core";
import * as dara from "@darabonba/typescript";

export const address = process.env.STAND_IN;
export const [keyId, secret] = ["testAccessKeyId", "testAccessKeySecret"];
const Client = core.default ?? core;

export async function control(method, path, body) {
  const answer = await fetch(`http://${address}/_emulator/${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text === "" ? undefined : JSON.parse(text);
}

function call(identity, params, request, algorithm) {
  const config = new $OpenApiUtil.Config({
    accessKeyId: keyId,
    accessKeySecret: secret,
    endpoint: address,
    protocol: "http",
    regionId: "cn-hangzhou",
    signatureAlgorithm: algorithm,
    ...identity,
  });
  return new Client(config).callApi(new $OpenApiUtil.Params(params), request, new dara.RuntimeOptions({}));
}

// An operation of RPC style, its parameters in the query or in a form.
export async function rpc(operation, parameters, { place = "query", algorithm, ...identity } = {}) {
  const request = new $OpenApiUtil.OpenApiRequest({ [place === "query" ? "query" : "body"]: parameters });
  const params = {
    action: operation.action,
    version: operation.version,
    protocol: "HTTP",
    pathname: "/",
    method: "POST",
    authType: operation.anonymous ? "Anonymous" : "AK",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "json",
  };
  return (await call(identity, params, request, algorithm)).body;
}

export function invoke(name, body, headers, identity = {}) {
  const request = new $OpenApiUtil.OpenApiRequest({
    headers,
    query: OpenApiUtil.query({ qualifier: "LATEST" }),
    stream: new dara.BytesReadable(body),
  });
  const params = {
    action: "InvokeFunction",
    version: "2023-03-30",
    protocol: "HTTP",
    pathname: `/2023-03-30/functions/${encodeURIComponent(name)}/invocations`,
    method: "POST",
    authType: "AK",
    style: "ROA",
    reqBodyType: "json",
    bodyType: "string",
  };
  return call(identity, params, request);
}
