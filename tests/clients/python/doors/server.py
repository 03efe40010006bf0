"""The running server under test, its doors open, and what each test of a door shares."""

import atexit
import functools
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

import cloud

# The program, set by `run`.
PROGRAM = os.environ["RDS_SEAL"]

SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
DINGTALK_SECRET = "dingtalk-app-secret-for-tests-0001"
# Of the vendor's published example, with trailing bits in the key.
DINGTALK_TOKEN, DINGTALK_KEY = "123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
DINGTALK_OWNER = "suite4xxxxxxxxxxxxxxx"
FEISHU_KEY, FEISHU_TOKEN, FEISHU_APP = "test key", "v-token", "cli_a1b2c3"
# Of the vendor's published example.
WECOM_TOKEN, WECOM_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
WECOM_CORP = "wx5823bf96d3bd56c7"
TEAMS_TOKEN = "dGVhbXMtc2VjdXJpdHktdG9rZW4tZm9yLXRlc3RzLTE="

SECRETS = {
    "SLACK_SECRET": SLACK_SECRET,
    "DINGTALK_SECRET": DINGTALK_SECRET,
    "DINGTALK_TOKEN": DINGTALK_TOKEN,
    "DINGTALK_KEY": DINGTALK_KEY,
    "FEISHU_KEY": FEISHU_KEY,
    "FEISHU_TOKEN": FEISHU_TOKEN,
    "FEISHU_APP_SECRET": "feishu-app-secret",
    "WECOM_TOKEN": WECOM_TOKEN,
    "WECOM_KEY": WECOM_KEY,
    "TEAMS_TOKEN": TEAMS_TOKEN,
}

FEISHU = f"""
[doors.feishu]
encrypt_key = {{ env = "FEISHU_KEY" }}
verification_token = {{ env = "FEISHU_TOKEN" }}
app_id = "{FEISHU_APP}"
app_secret = {{ env = "FEISHU_APP_SECRET" }}
"""
# Both ways in which two of the chats can be set up.
SEALED_DOORS = f"""
[doors.slack]
signing_secrets = [{{ env = "SLACK_SECRET" }}]
[doors.dingtalk]
token = {{ env = "DINGTALK_TOKEN" }}
encoding_aes_key = {{ env = "DINGTALK_KEY" }}
owner_key = "{DINGTALK_OWNER}"
{FEISHU}
[doors.wecom]
token = {{ env = "WECOM_TOKEN" }}
encoding_aes_key = {{ env = "WECOM_KEY" }}
receive_id = "{WECOM_CORP}"
[doors.teams]
security_tokens = [{{ env = "TEAMS_TOKEN" }}]
"""
OTHER_DOORS = """
[doors.dingtalk]
app_secrets = [{ env = "DINGTALK_SECRET" }]
[doors.wecom]
token = { env = "WECOM_TOKEN" }
encoding_aes_key = { env = "WECOM_KEY" }
"""
TENANTS = {
    "slack": ["T0001"],
    "dingtalk": ["ding000"],
    "feishu": ["tenant-1"],
    "wecom": [WECOM_CORP, "robot-1"],
    "teams": ["tenant-1"],
}

INSTANCE = "rm-1"
PLAN = f"plan {INSTANCE} region={cloud.REGION}"
SEAL = f"seal {INSTANCE} region={cloud.REGION}"
TOKEN = re.compile(r"confirm ([A-Za-z0-9_-]{60,})")


def grants():
    """Everybody of the tenants may do everything in the one account."""
    for chat, tenants in TENANTS.items():
        for tenant in tenants:
            yield f"""
[[grants]]
chat = "{chat}"
tenant = "{tenant}"
channels = ["*"]
users = ["*"]
commands = ["plan", "status", "seal"]
accounts = ["{cloud.ACCOUNT}"]
regions = ["{cloud.REGION}"]
"""


@functools.cache
def started(doors):
    """The port of a rehearsal with these doors and the address of its stand-in, where the chats' own hosts are too."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    config = pathlib.Path(folder.name, "seal.toml")
    config.write_text("".join([doors, *grants()]))
    secrets = {name: value for name, value in SECRETS.items() if f'"{name}"' in doors}
    environment = {
        "SEAL_CONFIG": str(config),
        "SEAL_MODE": "enforce",
        "SEAL_SECRET": "a-deployment-secret-of-32-bytes-or-more",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.SECRET,
    }
    log = pathlib.Path(folder.name, "log")
    with log.open("w") as to:
        rehearsal = [PROGRAM, "dev", "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(rehearsal, env=environment | secrets, stdout=to, stderr=to)
    atexit.register(server.wait)
    atexit.register(server.terminate)
    for _ in range(100):
        said = dict(re.findall(r"^(function|stand-in cloud) +http://(\S+)$", log.read_text(), re.MULTILINE))
        if len(said) == 2:
            return int(said["function"].rsplit(":", 1)[1]), said["stand-in cloud"]
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the rehearsal did not start: {log.read_text()}")


class Answer:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.type = (response.getheader("content-type") or "").split(";")[0]

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


def send(port, method, path, headers=None, body=None):
    """The very bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        data = body.encode() if isinstance(body, str) else body
        connection.request(method, path, data, headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def flipped(text, at=-1):
    """The text with one letter of base64 or hex changed to another."""
    letters = list(text)
    letters[at] = "a" if letters[at] != "a" else "b"
    return "".join(letters)


class Door(cloud.Cloud):
    """A test of one door. Nothing of what is refused may reach the cloud."""

    doors, path = SEALED_DOORS, None

    def setUp(self):
        self.port, cloud.ADDRESS = started(self.doors)
        super().setUp()
        cloud.control("DELETE", "notifications")

    def send(self, headers, body, query="", method="POST"):
        return send(self.port, method, self.path + query, headers, body)

    def is_sealed(self):
        [instance] = [it for it in cloud.control("GET", "instances") if it["id"] == INSTANCE]
        return instance["backup_encryption"]

    def enabled_so_often(self):
        return sum(1 for operation, code, _ in self.calls() if operation == "EnableBackupEncryption" and code == "OK")

    def assert_refused(self, headers, body, query="", method="POST"):
        answer = self.send(headers, body, query, method)
        self.assertEqual(answer.status, 401, answer.text)
        self.assertEqual(answer.text, "the signature or the time of this request is not valid\n")
        self.assertEqual(self.calls(), [], "a refused request reached the cloud")

    def answered_apart(self, headers, body, query=""):
        """What came back, and the message that went to the chat's own host."""
        before = len(self.replies())
        answer = self.send(headers, body, query)
        self.assertEqual(answer.status, 200, answer.text)
        [reply] = self.replies()[before:]
        return answer, reply

    def replies(self):
        """What was sent to the chat's own host."""
        return [it["body"] for it in cloud.control("GET", "notifications") if it["sink"] == f"{self.chat}-reply"]

    @property
    def chat(self):
        return self.path.rsplit("/", 1)[1]

    def as_the_stand_in_says_it(self, chat, **order):
        """One request as the stand-in would send it: query, headers, body."""
        letter = cloud.control("POST", f"chats/{chat}", order)
        query = f"?{letter['query']}" if letter["query"] else ""
        return query, dict(letter["headers"]), letter["body"]

    def token_in(self, text):
        found = TOKEN.search(text)
        self.assertIsNotNone(found, text)
        return found[1]
