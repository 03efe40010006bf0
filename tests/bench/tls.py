#!/usr/bin/env python3
"""What the first https call costs above the same call on a warm connection.

    tests/bench/tls.py target/function/rds-seal [ROUNDS]

Each round starts the function anew against an https endpoint of this script (an ECDSA certificate of its own, made with
openssl), and times events from the caller's side: the first, which opens the connection, and the next twenty.
Prints the medians over all rounds.
"""
import http.server
import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

EVENT = json.dumps({"instance": "rm-wz951f7f00000001", "region": "cn-hangzhou"}).encode()
TRIPLE = {"x-fc-access-key-id": "id", "x-fc-access-key-secret": "secret", "x-fc-security-token": "token"}


class Endpoint(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        body = json.dumps({"DBInstanceId": query["DBInstanceName"][0], "RequestId": "R"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def certificate(folder):
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return key, cert


def serve(key, cert):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def connected(port):
    while True:
        try:
            stream = socket.create_connection(("127.0.0.1", port))
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return stream
        except ConnectionRefusedError:
            time.sleep(0.002)


def invoke(stream):
    """Milliseconds of one event on a kept connection."""
    head = "POST /invoke HTTP/1.1\r\nhost: f\r\nx-fc-control-path: /invoke\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in TRIPLE.items())
    request = f"{head}content-length: {len(EVENT)}\r\n\r\n".encode() + EVENT
    started = time.perf_counter()
    stream.sendall(request)
    answer = b""
    while b'"rejected":[]}' not in answer:
        chunk = stream.recv(65536)
        if not chunk:
            sys.exit(f"the function closed the connection: {answer!r}")
        answer += chunk
    took = (time.perf_counter() - started) * 1000
    if b'"outcome":"enabled"' not in answer:
        sys.exit(f"not enabled: {answer.decode()}")
    return took


def one_round(binary, endpoint, cert):
    port = free_port()
    env = {"FC_SERVER_PORT": str(port), "SEAL_HOST": "fc", "SEAL_MODE": "enforce", "SEAL_LOG": "off",
           "SEAL_SECRET": "a-deployment-secret-of-32-bytes-or-more",
           "SEAL_ENDPOINT": f"https://127.0.0.1:{endpoint}", "SEAL_CA_FILE": cert}
    function = subprocess.Popen([binary], env=env, stdout=subprocess.DEVNULL)
    try:
        stream = connected(port)
        first = invoke(stream)
        return first, statistics.median(invoke(stream) for _ in range(20))
    finally:
        function.kill()
        function.wait()


def main():
    binary, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as folder:
        key, cert = certificate(folder)
        endpoint = serve(key, cert)
        results = [one_round(binary, endpoint, cert) for _ in range(rounds)]
    first, warm = (statistics.median(column) for column in zip(*results))
    above = statistics.median(first - warm for first, warm in results)
    print(f"first https call {first:.2f} ms, warm {warm:.2f} ms: {above:.2f} ms above, median of {rounds} rounds")


main()
