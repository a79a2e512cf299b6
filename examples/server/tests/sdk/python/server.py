"""A server for tests, on a free loopback port, stopped at the end."""

import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

PROGRAM = os.environ.get("COUNTERSIGN_SERVER")
if not PROGRAM:
    raise SystemExit(
        "COUNTERSIGN_SERVER is not set: it must be the path of the server's executable. "
        "`cargo test -p countersign-server --test sdk` builds it, sets it, and runs this."
    )
# The engine's options; without any, servers keep their state in memory.
ENGINE = os.environ.get("COUNTERSIGN_ENGINE", "").split()
READY = "countersign-server listening on "

SECRET = "secret-test-of-this-suite"
KEY_ID = "workspace-key-of-this-suite"
KEY_SECRET = "workspace-secret-of-this-suite"


class Server:
    """A server, in development mode unless the options say otherwise. Each has a project of its own on a shared engine."""

    def __init__(self, *options):
        self.project_id = f"project-test-{uuid.uuid4()}"
        self.advanced = 0
        credentials = {
            "PROJECT_ID": self.project_id,
            "SECRET": SECRET,
            "MGMT_KEY_ID": KEY_ID,
            "MGMT_KEY_SECRET": KEY_SECRET,
            "WEBHOOK_SECRET": "whsec_d2hhdCB0aGUgd2ViaG9vayBpcyBzaWduZWQgd2l0aA==",
        }
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [PROGRAM, "--listen", "127.0.0.1:0", "--engine-wait", "15", *ENGINE, *(options or ["--dev"])],
            env=os.environ | credentials,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        first = self.process.stdout.readline().strip()
        if not first.startswith(READY):
            self.process.kill()
            self.log.seek(0)
            raise RuntimeError(f"{PROGRAM} did not start: {first!r}\n{self.log.read().decode()}")
        self.url = first.removeprefix(READY) + "/"
        # Keep reading the output, or the pipe fills up.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def outbox(self, to):
        """Returns the messages sent to a recipient, oldest first."""
        with urllib.request.urlopen(f"{self.url}dev/outbox?to={urllib.parse.quote(to)}") as answer:
            return json.load(answer)

    def code(self, to):
        """Returns the newest code sent to a recipient."""
        return self.outbox(to)[-1]["code"]

    def advance(self, seconds):
        """Advances the server's clock."""
        body = json.dumps({"advance_seconds": seconds}).encode()
        request = urllib.request.Request(
            f"{self.url}dev/clock", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            self.advanced += seconds
            return json.load(answer)["now"]

    def now(self):
        """Returns the time on the server's clock, in Unix seconds."""
        return int(time.time()) + self.advanced

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()
        self.log.close()


class Gateway:
    """A webhook receiver that keeps messages and answers 200."""

    def __init__(self):
        self.messages = []
        arrived = self.arrived = threading.Condition()
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with arrived:
                    messages.append(json.loads(body))
                    arrived.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/messages"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def wait(self, to, number):
        """Returns the messages to a recipient, once there are at least `number`."""

        def theirs():
            return [message for message in self.messages if message["to"] == to]

        with self.arrived:
            self.arrived.wait_for(lambda: len(theirs()) >= number, 60)
            return theirs()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
