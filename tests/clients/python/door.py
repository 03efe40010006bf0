"""The webhook doors of a running function: how it is configured, and a sender of each kind.

`python door.py FOLDER` writes a configuration with fresh keys there, and `env` with the variables it names."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import sys
import urllib.error
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

SIGNING = "whsec_" + base64.b64encode(b"the secret of this very test").decode()
HUB = "a secret of a repository"
CRON = "a-bearer-token-of-the-nightly-cron-0001"
BUS = "a-token-of-the-eventbridge-target-0001"
TARGET = "https://example.cn-hangzhou.fcapp.run/v1/eventbridge?stage=test"


def now():
    return datetime.datetime.now(tz=datetime.timezone.utc)


_SENDER = """
[[doors.webhook]]
name = "{name}"
{proof} = [{{ env = "{variable}" }}]
accounts = ["1234567890123456"]
regions = ["cn-*"]
mode = "enforce"
"""


# The name is that of `cloud`, which needs a stand-in to be there.
_IN_KMS = 'secret = "rds-seal/a+b=c.d@e_f-g", field = "door"'


def write(folder):
    sender = ed25519.Ed25519PrivateKey.generate()
    bus = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test of rds-seal")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(bus.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - datetime.timedelta(days=1))
        .not_valid_after(now() + datetime.timedelta(days=1))
        .sign(bus, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "bus.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "bus.key").write_bytes(bus.private_bytes(*private))
    (folder / "sender.key").write_bytes(sender.private_bytes(*private))
    public = sender.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    senders = [("ci", "secrets", "CI"), ("key", "secrets", "SENDER"), ("hub", "github_secrets", "HUB")]
    senders.append(("cron", "bearer_tokens", "CRON"))
    toml = 'mode = "enforce"\n'
    toml += "".join(_SENDER.format(name=name, proof=proof, variable=variable) for name, proof, variable in senders)
    toml += _SENDER.format(name="vault", proof="bearer_tokens", variable="").replace('env = ""', _IN_KMS)
    toml += f'\n[doors.eventbridge]\nurl = "{TARGET}"\nregion = "cn-hangzhou"\ntokens = [{{ env = "BUS" }}]\n'
    toml += f'certificate = "{folder}/bus.pem"\n'
    (folder / "seal.toml").write_text(toml)
    secrets = {"CI": SIGNING, "SENDER": "whpk_" + base64.b64encode(public).decode(), "HUB": HUB, "CRON": CRON, "BUS": BUS}
    (folder / "env").write_text("".join(f"{name}='{value}'\n" for name, value in secrets.items()))


def post(path, body, headers):
    """Status and answer."""
    request = urllib.request.Request(f"http://{os.environ['DOOR']}{path}", body.encode(), method="POST")
    for name, value in headers.items():
        request.add_header(name, value)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def _key(name):
    text = (pathlib.Path(os.environ["DOOR_FOLDER"]) / name).read_bytes()
    return serialization.load_pem_private_key(text, None)


def standard(signature, id, moment):
    return {"webhook-id": id, "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": signature}


def by_key(id, moment, body):
    """`v1a` from the published formula: no library has it."""
    signed = _key("sender.key").sign(f"{id}.{int(moment.timestamp())}.{body}".encode())
    return standard("v1a," + base64.b64encode(signed).decode(), id, moment)


def by_hub(id, _, body):
    tag = hmac.new(HUB.encode(), body.encode(), hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={tag}", "X-GitHub-Delivery": id}


def by_bus(moment, body, token=BUS):
    """EventBridge's second version, from the published formula."""
    url = "https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/x509_public_certificate_test.pem"
    headers = {
        "x-eventbridge-signature-timestamp": str(int(moment.timestamp() * 1000)),
        "x-eventbridge-hash-method": "SHA256",
        "x-eventbridge-signature-version": "1.0",
        "x-eventbridge-signature-url": url,
        "x-eventbridge-signature-token": token,
    }
    lines = [TARGET, *(f"{name}: {value}" for name, value in headers.items()), body]
    signed = _key("bus.key").sign("\n".join(lines).encode(), padding.PKCS1v15(), hashes.SHA256())
    return {**headers, "x-eventbridge-signature-v2": base64.b64encode(signed).decode()}


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
