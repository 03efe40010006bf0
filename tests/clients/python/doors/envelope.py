"""The envelope of WeCom's page 91144 and of DingTalk-Callback-Crypto, as they publish it."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC


def signature(token, timestamp, nonce, encrypt):
    return hashlib.sha1("".join(sorted([token, timestamp, nonce, encrypt])).encode()).hexdigest()


def _cipher(key):
    key = base64.b64decode(key + "=")
    return Cipher(AES(key), CBC(key[:16]))


def seal(key, receiver, message):
    message = message.encode()
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + receiver.encode()
    padding = 32 - len(plain) % 32
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def unseal(key, receiver, encrypt):
    decryptor = _cipher(key).decryptor()
    plain = decryptor.update(base64.b64decode(encrypt)) + decryptor.finalize()
    assert 1 <= plain[-1] <= 32 and plain[-plain[-1] :] == plain[-1:] * plain[-1]
    plain = plain[: -plain[-1]]
    end = 20 + struct.unpack(">I", plain[16:20])[0]
    assert plain[end:] == receiver.encode()
    return plain[20:end].decode()
