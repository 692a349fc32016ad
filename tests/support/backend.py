"""What the test world's web server cannot do by itself, one thread a connection.

Listens on descriptor 3 (a unix socket that nginx forwards to) and on descriptors 4 and more (TCP
ports that are not web servers: whatever arrives is sent back). Standard library only.
"""

import base64
import hashlib
import os
import socket
import struct
import subprocess
import sys
import threading

REPOSITORY_ROOT = "/run/world/git"
SSH_CONFIGURATION = "/run/world/ssh/sshd_config"
PATTERN = bytes(range(256)) * 256  # 64 KiB; downloads repeat it
repository_lock = threading.Lock()


class Request:
    def __init__(self, connection):
        self.connection = connection
        self.stream = connection.makefile("rb")
        line = self.stream.readline(65536).decode("latin-1").split()
        self.method, self.target = line[0], line[1]
        self.path, _, self.query = self.target.partition("?")
        self.fields = []
        while (field := self.stream.readline(65536).rstrip(b"\r\n")) != b"":
            name, _, value = field.decode("latin-1").partition(":")
            self.fields.append((name, value.strip()))

    def field(self, name):
        return next((v for n, v in self.fields if n.lower() == name), None)

    def body(self):
        if self.field("transfer-encoding") == "chunked":
            while (size := int(self.stream.readline().split(b";")[0], 16)) > 0:
                yield self.stream.read(size)
                self.stream.readline()
            self.stream.readline()
            return
        left = int(self.field("content-length") or 0)
        while left > 0:
            piece = self.stream.read(min(left, 65536))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def head(self, status, length=None, kind="text/plain", more=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *more]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def answer(self, content, status="200 OK"):
        self.head(status, len(content))
        self.connection.sendall(content)


def pattern(total):
    while total > 0:
        piece = PATTERN[: min(total, len(PATTERN))]
        total -= len(piece)
        yield piece


def digest_of(pieces):
    digest, total = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        total += len(piece)
    return f"{digest.hexdigest()} {total}\n".encode()


def headers(request):
    for _ in request.body():
        pass
    request.answer("".join(f"{n}: {v}\n" for n, v in request.fields).encode("latin-1"))


def echo(request):
    body = b"".join(request.body())
    request.answer(f"{request.method} {request.target}\n".encode("latin-1") + body)


def send_bytes(request):
    total = int(request.path.rsplit("/", 1)[1])
    request.head("200 OK", total, "application/octet-stream")
    for piece in pattern(total):
        request.connection.sendall(piece)


def hang(request):
    """Answers nothing until the client goes away."""
    request.stream.read()


def trickle(request):
    """A head and one line at once, then nothing until the client goes away."""
    request.head("200 OK", 1 << 30)
    request.connection.sendall(b"first line\n")
    request.stream.read()


def status(request):
    for _ in request.body():
        pass
    content = b"status\n"
    # /status/NNN?to=URL also sends the client elsewhere.
    _, asked, to = request.query.partition("to=")
    more = [f"Location: {to}", "Alt-Svc: h2=\"elsewhere:443\""] if asked else []
    request.head(f"{request.path.rsplit('/', 1)[1]} As Asked", len(content), more=more)
    request.connection.sendall(content)


def websocket(request):
    """RFC 6455: sends every data frame back until a close frame."""
    key = (request.field("sec-websocket-key") or "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    request.connection.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    while len(start := request.stream.read(2)) == 2:
        length = start[1] & 0x7F
        if length == 126:
            length = struct.unpack("!H", request.stream.read(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", request.stream.read(8))[0]
        mask = request.stream.read(4)
        data = bytes(b ^ mask[i % 4] for i, b in enumerate(request.stream.read(length)))
        size = struct.pack("!B", length) if length < 126 else struct.pack("!BH", 126, length)
        request.connection.sendall(bytes([start[0]]) + size + data)
        if start[0] & 0x0F == 8:
            return


def make_repository():
    """https://ANY-NAME/org/repo.git: one commit with one file."""
    if os.path.isdir(REPOSITORY_ROOT):
        return
    bare, work = REPOSITORY_ROOT + ".new/org/repo.git", "/run/world/git-work"
    os.makedirs(os.path.dirname(bare))
    environment = dict(
        os.environ, HOME="/run/world", GIT_AUTHOR_NAME="w", GIT_AUTHOR_EMAIL="w@example.org",
        GIT_COMMITTER_NAME="w", GIT_COMMITTER_EMAIL="w@example.org", GIT_CONFIG_NOSYSTEM="1",
    )

    def git(*words):
        subprocess.run(["git", *words], check=True, env=environment, stdout=subprocess.DEVNULL)

    git("init", "-q", "-b", "main", work)
    with open(work + "/README", "w", encoding="ascii") as file:
        file.write("hello from the repository\n")
    git("-C", work, "add", "README")
    git("-C", work, "commit", "-q", "-m", "first")
    git("clone", "-q", "--bare", work, bare)
    git("-C", bare, "config", "http.receivepack", "true")
    os.rename(REPOSITORY_ROOT + ".new", REPOSITORY_ROOT)


def git_backend(request):
    with repository_lock:
        make_repository()
    environment = {
        "PATH": os.environ["PATH"], "HOME": "/run/world", "GIT_PROJECT_ROOT": REPOSITORY_ROOT,
        "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": request.path, "QUERY_STRING": request.query,
        "REQUEST_METHOD": request.method, "REMOTE_USER": "tester", "REMOTE_ADDR": "20.55.0.2",
        "CONTENT_TYPE": request.field("content-type") or "",
        "HTTP_CONTENT_ENCODING": request.field("content-encoding") or "",
        "GIT_PROTOCOL": request.field("git-protocol") or "",
    }
    result = subprocess.run(
        ["git", "http-backend"], input=b"".join(request.body()), env=environment,
        stdout=subprocess.PIPE, check=True,
    )
    head, _, body = result.stdout.partition(b"\r\n\r\n")
    fields = head.decode("latin-1").split("\r\n")
    code = next((f.split(":", 1)[1].strip() for f in fields if f.startswith("Status:")), "200 OK")
    kept = [f for f in fields if not f.startswith("Status:")]
    lines = [f"HTTP/1.1 {code}", *kept, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    request.connection.sendall("\r\n".join(lines).encode("latin-1") + body)


def dns_over_https(request):
    """RFC 8484: the message in the body is asked of the world's DNS server over its loopback."""
    query = b"".join(request.body())
    if request.method != "POST" or request.field("content-type") != "application/dns-message":
        request.answer(b"not a DNS message\n", "415 Unsupported Media Type")
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
        upstream.settimeout(10)
        upstream.sendto(query, ("127.0.0.1", 53))
        reply = upstream.recv(65535)
    request.head("200 OK", len(reply), "application/dns-message")
    request.connection.sendall(reply)


def endless(request):
    """A body that claims to be a DNS message and does not end."""
    for _ in request.body():
        pass
    request.head("200 OK", 1 << 40, "application/dns-message")
    while True:
        request.connection.sendall(PATTERN)


def serve(connection):
    with connection:
        try:
            request = Request(connection)
            path = request.path
            if path.startswith("/org/repo.git"):
                git_backend(request)
            elif path.startswith("/bytes/"):
                send_bytes(request)
            elif path.startswith("/digest/"):
                request.answer(digest_of(pattern(int(path.rsplit("/", 1)[1]))))
            elif path.startswith("/status/"):
                status(request)
            else:
                routes = {
                    "/headers": headers, "/echo": echo, "/hang": hang, "/trickle": trickle,
                    "/dns-query": dns_over_https, "/endless-dns": endless, "/ws": websocket, "/sum": lambda r: r.answer(digest_of(r.body())),
                }
                handler = routes.get(path)
                if handler is None:
                    request.answer(b"no such page\n", "404 Not Found")
                else:
                    handler(request)
        except (ConnectionError, IndexError):
            pass  # the client went away; that is its right


def serve_ssh(connection):
    """sshd as inetd would start it, once a test has configured it."""
    with repository_lock:
        make_repository()
    with connection:
        subprocess.run(["/usr/sbin/sshd", "-i", "-f", SSH_CONFIGURATION], stdin=connection, stdout=connection)


def send_back(connection):
    if connection.getsockname()[1] == 22 and os.path.exists(SSH_CONFIGURATION):
        return serve_ssh(connection)
    with connection:
        try:
            connection.sendall(b"canary\n")
            while data := connection.recv(65536):
                connection.sendall(data)
        except ConnectionError:
            pass


def accept_forever(listener, handler):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=handler, args=(connection,), daemon=True).start()


def main():
    for number in range(4, 4 + int(sys.argv[1])):
        echo_listener = socket.socket(fileno=number)
        threading.Thread(target=accept_forever, args=(echo_listener, send_back), daemon=True).start()
    accept_forever(socket.socket(fileno=3), serve)


main()
