"""STS: who am I, and sessions of roles, from the first call to the last."""

import json

import cases
from alibabacloud_sts20150401 import models
from alibabacloud_sts20150401.client import Client
from clients import V1, V3, Refused, config
from cloud import ACCOUNT, PROVIDER, ROLE, Cloud, control
from operations import ASSUME_ROLE, BY_TOKEN, RDS, WHO_AM_I


class EveryStsCall(cases.EveryCall):
    operations, clients = [ASSUME_ROLE, WHO_AM_I], V3 + V1


class Sessions(Cloud):
    def identity(self, **wishes):
        """A session of the role, as the clients here take identities."""
        request = models.AssumeRoleRequest(role_arn=ROLE, role_session_name="tests", **wishes)
        session = Client(config()).assume_role(request).body.credentials
        return {
            "key_id": session.access_key_id, "secret": session.access_key_secret, "token": session.security_token,
        }

    def code(self, client, operation, **identity):
        try:
            client.call(operation, operation.parameters, **identity)
        except Refused as refused:
            return refused.code
        return "OK"

    def test_a_session_is_who_it_says(self):
        identity = self.identity()
        for client in V3 + V1:
            answer = client.call(WHO_AM_I, {}, **identity)
            self.assertEqual(answer["Arn"], f"acs:ram::{ACCOUNT}:assumed-role/sealer/tests")
            self.assertEqual(answer["IdentityType"], "AssumedRoleUser")

    def test_a_session_ends(self):
        identity = self.identity(duration_seconds=900)
        for seconds, code in [(800, "OK"), (901, "InvalidSecurityToken.Expired")]:
            control("PUT", "clock", {"offset_seconds": seconds})
            for client in V3 + V1:
                with self.subTest(client=repr(client), seconds=seconds), client.clock_off_by(seconds):
                    self.assertEqual(self.code(client, RDS[-1], **identity), code)

    def test_a_session_signs_only_with_its_own_token(self):
        identity = self.identity()
        for client in V3 + V1:
            with self.subTest(client=repr(client)):
                self.assertEqual(self.code(client, WHO_AM_I, **{**identity, "token": None}), "MissingSecurityToken")
                other = {**identity, "token": self.identity()["token"]}
                self.assertEqual(
                    self.code(client, WHO_AM_I, **other), "InvalidSecurityToken.MismatchWithAccessKey"
                )

    def test_a_policy_narrows_a_session(self):
        statement = {"Effect": "Allow", "Action": "rds:Describe*", "Resource": "*"}
        identity = self.identity(policy=json.dumps({"Version": "1", "Statement": [statement]}))
        for client in V3 + V1:
            codes = [self.code(client, operation, **identity) for operation in RDS]
            wanted = [
                "OK" if operation.name.startswith("Describe") else "Forbidden.RAM" for operation in RDS
            ]
            self.assertEqual(codes, wanted, repr(client))

    def test_a_wish_that_cannot_be_granted_names_the_parameter(self):
        for client in V3 + V1:
            for parameter, value, code in [
                ("RoleArn", "nonsense", "InvalidParameter.RoleArn"),
                ("RoleArn", f"acs:ram::{ACCOUNT}:role/none", "EntityNotExist.Role"),
                ("RoleSessionName", "é", "InvalidParameter.RoleSessionName"),
                ("DurationSeconds", 1, "InvalidParameter.DurationSeconds"),
                ("Policy", "{}", "InvalidParameter.PolicyGrammar"),
                ("ExternalId", "x", "InvalidParameter.ExternalId"),
            ]:
                with self.subTest(client=repr(client), parameter=parameter):
                    with self.assertRaises(Refused) as refused:
                        client.call(ASSUME_ROLE, {**ASSUME_ROLE.parameters, parameter: value})
                    self.assertEqual(refused.exception.code, code)

    def test_a_role_that_trusts_nobody_says_so(self):
        control("PUT", "accounts", [{"id": ACCOUNT, "roles": [{"name": "sealer"}]}])
        with self.assertRaises(Refused) as refused:
            V3[0].call(ASSUME_ROLE, ASSUME_ROLE.parameters)
        self.assertEqual(refused.exception.code, "NoPermission")
        self.assertEqual(refused.exception.denied["PolicyType"], "AssumeRolePolicy")


# The older SDK cannot call without a signature.
ANONYMOUS = [client for client in V3 + V1 if "core" not in repr(client)]


class ByToken(Cloud):
    def test_nobody_signs_and_a_session_comes_back(self):
        for client in ANONYMOUS:
            with self.subTest(client=repr(client)):
                self.setUp()
                answer = client.call(BY_TOKEN, BY_TOKEN.parameters)
                self.assertIn(BY_TOKEN.says, answer["AssumedRoleUser"]["Arn"])
                session = answer["Credentials"]
                identity = {
                    "key_id": session["AccessKeyId"], "secret": session["AccessKeySecret"],
                    "token": session["SecurityToken"],
                }
                self.assertIn("sealer/pod", str(client.call(WHO_AM_I, {}, **identity)))
                self.assertEqual(self.calls()[0], ("AssumeRoleWithOIDC", "OK", None))

    def test_what_is_wrong_with_a_token_is_said(self):
        for client in ANONYMOUS:
            for parameter, value, code in [
                ("OIDCToken", "expired", "AuthenticationFail.OIDCToken.Expired"),
                ("OIDCToken", "another", "AuthenticationFail.OIDCToken.Invalid"),
                ("OIDCProviderArn", f"{PROVIDER}2", "AuthenticationFail.NoPermission"),
                ("OIDCToken", "", "MissingOIDCToken"),
            ]:
                with self.subTest(client=repr(client), code=code):
                    with self.assertRaises(Refused) as refused:
                        client.call(BY_TOKEN, {**BY_TOKEN.parameters, parameter: value})
                    self.assertEqual(refused.exception.code, code)

    def test_a_throttled_exchange_says_so(self):
        for client in ANONYMOUS:
            control("POST", "faults", [{"operation": "AssumeRoleWithOIDC", "fault": "throttle", "retry_after_ms": 70}])
            with self.assertRaises(Refused) as refused:
                client.call(BY_TOKEN, BY_TOKEN.parameters)
            self.assertEqual((refused.exception.code, refused.exception.retry_after), ("Throttling.User", 70))
