"""The vendor's clients, all with one way to call an operation: parameters by their names on the wire in, the answer's
fields out, and `Refused` where the SDK raises."""

import contextlib
import datetime
import json
import logging
from unittest import mock

from alibabacloud_kms20160120 import models as kms
from alibabacloud_kms20160120.client import Client as Kms
from alibabacloud_rds20140815 import models as rds
from alibabacloud_rds20140815.client import Client as Rds
from alibabacloud_sts20150401 import models as sts
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_tea_openapi.client import Client as OpenApi
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import RpcRequest
from aliyunsdkcore.utils import parameter_helper
from darabonba.runtime import RuntimeOptions

from cloud import ADDRESS, KEY_ID, REGION, SECRET

# The SDKs log every refusal, and refusals are what is tested.
logging.disable()

PRODUCTS = {"Rds": (Rds, rds), "Kms": (Kms, kms), "Sts": (Sts, sts)}


class Refused(Exception):
    """What an SDK makes of a refusal."""

    def __init__(self, code, status, message, request_id, retry_after=None, denied=None):
        super().__init__(f"{code}: {message}")
        self.code, self.status, self.message, self.request_id = code, status, message, request_id
        self.retry_after, self.denied = retry_after, denied


def config(algorithm=None, key_id=KEY_ID, secret=SECRET, token=None, credential=None):
    """A client's settings: the one thing that is not as usual is where it connects."""
    identity = {"credential": credential} if credential else {"access_key_id": key_id, "access_key_secret": secret}
    return Config(
        **identity, security_token=token, signature_algorithm=algorithm, endpoint=ADDRESS, protocol="http",
        region_id=REGION,
    )


@contextlib.contextmanager
def refusals():
    """Turns the exception of the newer SDKs into `Refused`."""
    try:
        yield
    except AlibabaCloudException as refusal:
        raise Refused(
            refusal.code, refusal.status_code, refusal.message, refusal.request_id,
            getattr(refusal, "retry_after", None), getattr(refusal, "access_denied_detail", None),
        ) from None


class OfTea:
    """What the newer SDKs have in common: their clock and their nonces."""

    # What they call a signature that is not right.
    mismatch = "SignatureDoesNotMatch"

    def __init__(self, version):
        self.version = version
        self.algorithm = {"v3": None, "v1": "v2"}[version]

    def adds(self, _):
        """Whether it sends this parameter by itself."""
        return False

    def clock_off_by(self, seconds):
        return mock.patch.object(Utils, "get_timestamp", staticmethod(lambda: moment(seconds)))

    def nonce_is(self, nonce):
        return mock.patch.object(Utils, "get_nonce", staticmethod(lambda: nonce))


class Typed(OfTea):
    """The SDK of each product, with the operation's own method and models."""

    def __repr__(self):
        return f"typed {self.version}"

    def call(self, operation, parameters, **identity):
        client, models = PRODUCTS[operation.product]
        request = getattr(models, f"{operation.name}Request", None)
        arguments = [request().from_map(parameters)] if request else []
        with refusals():
            answer = getattr(client(config(self.algorithm, **identity)), operation.method)(*arguments)
        return answer.body.to_map()


class Generic(OfTea):
    """The newer SDKs' call of any operation, its parameters in the query or in a form."""

    def __init__(self, version, place):
        super().__init__(version)
        self.place = place

    def __repr__(self):
        return f"generic {self.version} with a {self.place}"

    def call(self, operation, parameters, **identity):
        parameters = Utils.query(parameters)
        request = OpenApiRequest(query=parameters) if self.place == "query" else OpenApiRequest(body=parameters)
        params = Params(
            action=operation.name, version=operation.api, protocol="HTTP", pathname="/", method="POST",
            auth_type="Anonymous" if operation.anonymous else "AK", style="RPC", req_body_type="formData",
            body_type="json",
        )
        with refusals():
            return OpenApi(config(self.algorithm, **identity)).call_api(params, request, RuntimeOptions())["body"]


class Core:
    """The older SDK, which knows HMAC-SHA1 only."""

    version = "v1"
    # It compares the string the server says had to be signed with its own. Where they agree, the secret is to blame.
    mismatch = "InvalidAccessKeySecret"

    def __init__(self, method, place):
        self.method, self.place = method, place

    def adds(self, name):
        """Whether it sends this parameter by itself."""
        return name == "RegionId"

    def __repr__(self):
        return f"core {self.method} with a {self.place}"

    def clock_off_by(self, seconds):
        return mock.patch.object(parameter_helper, "get_iso_8061_date", lambda: moment(seconds))

    def nonce_is(self, nonce):
        return mock.patch.object(parameter_helper, "get_uuid", lambda: nonce)

    def call(self, operation, parameters, key_id=KEY_ID, secret=SECRET, token=None):
        if token:
            client = AcsClient(region_id=REGION, credential=StsTokenCredential(key_id, secret, token))
        else:
            client = AcsClient(key_id, secret, REGION)
        request = RpcRequest(operation.product, operation.api, operation.name)
        request.set_endpoint(ADDRESS)
        request.set_protocol_type("http")
        request.set_method(self.method)
        for name, value in Utils.query(parameters).items():
            # The SDK puts a region into every query, so a second one would be sent and not be signed.
            in_form = self.place == "form" and name != "RegionId"
            (request.add_body_params if in_form else request.add_query_param)(name, value)
        try:
            return json.loads(client.do_action_with_exception(request))
        except ServerException as refusal:
            raise Refused(
                refusal.error_code, refusal.http_status, refusal.message, refusal.request_id
            ) from None


def moment(seconds):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


V3 = [Typed("v3"), Generic("v3", "query"), Generic("v3", "form")]
V1 = [Typed("v1"), Generic("v1", "form"), Core("GET", "query"), Core("POST", "query"), Core("POST", "form")]
