"""The vendor's library of credentials: where it finds a session here, and that the session signs.

The URI is used as it is. Metadata and STS have a host or a protocol that the library fixes: those are patched to be the
stand-in's, and nothing else is.
"""

import tempfile
from unittest import mock

from alibabacloud_credentials.client import Client as Credential
from alibabacloud_credentials.provider import (
    EcsRamRoleCredentialsProvider, OIDCRoleArnCredentialsProvider, RamRoleArnCredentialsProvider,
    StaticAKCredentialsProvider, URLCredentialsProvider,
)
from alibabacloud_credentials.utils import parameter_helper
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_tea_openapi.exceptions import ClientException
from clients import V3, config
from cloud import ACCOUNT, ADDRESS, KEY_ID, PROVIDER, ROLE, SECRET, TOKEN, Cloud, control
from darabonba.exceptions import UnretryableException
from Tea.request import TeaRequest


class Plain(TeaRequest):
    """A request that stays with plain HTTP, whatever it is told."""

    @property
    def protocol(self):
        return "http"

    @protocol.setter
    def protocol(self, _):
        pass


def plain():
    return mock.patch.object(parameter_helper, "TeaRequest", Plain)


def metadata(**options):
    """The provider of an ECS instance, which looks for metadata here."""
    provider = EcsRamRoleCredentialsProvider(async_update_enabled=False, **options)
    provider._EcsRamRoleCredentialsProvider__metadata_service_host = ADDRESS
    return provider


class Credentials(Cloud):
    def arn(self, provider, algorithm=None):
        """Whose signature it is, if it is taken."""
        return Sts(config(algorithm, credential=Credential(provider=provider))).get_caller_identity().body.arn

    def assert_signs(self, provider, session):
        for algorithm in [None, "v2"]:
            self.assertEqual(self.arn(provider, algorithm), f"acs:ram::{ACCOUNT}:assumed-role/sealer/{session}")

    def test_a_uri_gives_a_session_that_signs(self):
        uri = f"http://{ADDRESS}/_emulator/credentials"
        self.assert_signs(URLCredentialsProvider(uri=uri), "stand-in-instance")

    def test_a_uri_that_fails_is_an_error(self):
        control("PUT", "metadata", {"role": "sealer", "fault": "error"})
        with self.assertRaisesRegex(UnretryableException, "http_code=500"):
            self.arn(URLCredentialsProvider(uri=f"http://{ADDRESS}/_emulator/credentials"))

    def test_metadata_of_version_2_gives_a_session_that_signs(self):
        # Version 1 is not allowed here, so the token was taken.
        self.assert_signs(metadata(disable_imds_v1=True), "stand-in-instance")
        self.assert_signs(metadata(role_name="sealer", disable_imds_v1=True), "stand-in-instance")

    def test_an_instance_without_a_role_is_an_error(self):
        control("PUT", "metadata", {"v1": False})
        with self.assertRaisesRegex(UnretryableException, "404"):
            self.arn(metadata(disable_imds_v1=True))

    def test_a_token_of_an_identity_provider_gives_a_session_that_signs(self):
        with plain():
            self.assert_signs(by_token(TOKEN), "pod")
        self.assertEqual(self.calls()[0], ("AssumeRoleWithOIDC", "OK", None))

    def test_a_token_that_is_none_is_an_error(self):
        with plain(), self.assertRaisesRegex(UnretryableException, "AuthenticationFail.OIDCToken.Invalid"):
            self.arn(by_token("another"))

    def test_a_role_is_assumed_by_a_key_pair(self):
        pair = StaticAKCredentialsProvider(access_key_id=KEY_ID, access_key_secret=SECRET)
        provider = RamRoleArnCredentialsProvider(
            credentials_provider=pair, role_arn=ROLE, role_session_name="chained", sts_endpoint=ADDRESS
        )
        with plain():
            self.assert_signs(provider, "chained")
        self.assertEqual(self.calls()[0], ("AssumeRole", "OK", "v1"))

    def test_a_session_that_is_over_signs_no_more(self):
        provider = URLCredentialsProvider(uri=f"http://{ADDRESS}/_emulator/credentials")
        control("PUT", "metadata", {"role": "sealer", "session_seconds": 7200})
        self.arn(provider)
        control("PUT", "clock", {"offset_seconds": 7201})
        with V3[0].clock_off_by(7201), self.assertRaises(ClientException) as refused:
            self.arn(provider)
        self.assertEqual(refused.exception.code, "InvalidSecurityToken.Expired")


def by_token(token):
    """The provider of a cluster's pod."""
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(token)
    return OIDCRoleArnCredentialsProvider(
        role_arn=ROLE, oidc_provider_arn=PROVIDER, oidc_token_file_path=file.name, role_session_name="pod",
        sts_endpoint=ADDRESS,
    )
