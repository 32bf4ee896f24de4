# SPDX-License-Identifier: Apache-2.0
"""Servers of a test's own and what it asks of them, for the scripts beside this folder. All of it stays on 127.0.0.1."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Failure(Exception):
    """What ends a script with a line of text and status 1."""


def free_ports(count):
    """Ports that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def raise_file_limit():
    """As many files as this user may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def rookery_program(given=None):
    """The program that was named, or the release of this folder."""
    program = given or os.environ.get("ROOKERY") or os.path.join(PROJECT, ".build/release/rookery")
    if not os.access(program, os.X_OK):
        raise Failure(f"there is no program {program}: run 'scripts/build release', or name one with --rookery")
    return program


class Server:
    """A process that serves on a port, and ends with this script."""

    name = "server"

    def __init__(self, command, port, log=None, env=None):
        self.command, self.port, self.log, self.env = command, port, log, env
        self.process = None

    def start(self, seconds=60):
        log = open(self.log, "ab") if self.log else subprocess.DEVNULL
        try:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        finally:
            if self.log:
                log.close()
        end = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise Failure(f"{' '.join(self.command)} did not become ready: {self.tail()}")
            time.sleep(0.02)
        return self

    def is_ready(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def tail(self, most=2000):
        if not self.log or not os.path.exists(self.log):
            return ""
        with open(self.log, "rb") as file:
            return file.read()[-most:].decode("utf-8", "replace")

    def kill(self):
        """As a power cut would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self, seconds=30):
        """As an operator would. The status that it ended with."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def pids(self):
        """The process and those that it started."""
        found, seen = [self.process.pid], 0
        while seen < len(found):
            # Each thread has the children that it started.
            with contextlib.suppress(OSError):
                for thread in os.listdir(f"/proc/{found[seen]}/task"):
                    with contextlib.suppress(OSError), open(
                            f"/proc/{found[seen]}/task/{thread}/children", encoding="ascii") as file:
                        found += [int(pid) for pid in file.read().split()]
            seen += 1
        return found

    def cpu(self):
        """CPU time so far in seconds."""
        ticks = 0
        for pid in self.pids():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def rss(self):
        """Resident memory now in bytes."""
        pages = 0
        for pid in self.pids():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/statm", encoding="ascii") as file:
                pages += int(file.read().split()[1])
        return pages * PAGE

    def pss(self, pids=None):
        """Memory now in bytes, of these processes or all, what processes share counted once."""
        kib = 0
        for pid in pids or self.pids():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                kib += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return kib << 10

    def children(self):
        """The processes that it started."""
        return self.pids()[1:]

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Rookery(Server):
    """A `rookery serve` with a data folder and a token of its own."""

    name = "rookery"

    def __init__(self, program, data, options=()):
        port, self.admin_port = free_ports(2)
        self.token = secrets.token_hex(24)
        super().__init__(
            [program, "serve", "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{self.admin_port}",
             "--data", data, *options],
            port, log=data + ".log",
            env={**os.environ, "ROOKERY_ADMIN_TOKEN": self.token})

    def is_ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.admin("GET", "/readyz", timeout=2)[0] == 200
        return False

    def admin(self, method, path, body=None, timeout=60):
        """Status and text of an answer of the admin API."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=timeout)
        try:
            headers = {"authorization": f"Bearer {self.token}"}
            if body is not None:
                body = json.dumps(body).encode()
                headers["content-type"] = "application/json"
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def deploy(self, name, source, **manifest):
        """Deploys a module; the number of its version where the answer has it."""
        body = {"main": "main.js", "modules": {"main.js": source}, **manifest}
        status, text = self.admin("PUT", f"/v1/workers/{name}", body)
        if status not in (200, 201):
            raise Failure(f"PUT /v1/workers/{name}: {status} {text[:500]}")
        with contextlib.suppress(ValueError, AttributeError):
            return json.loads(text).get("version")
        return None

    def rollback(self, name, version):
        status, text = self.admin("POST", f"/v1/workers/{name}/rollback", {"version": version})
        if status != 200:
            raise Failure(f"rollback of {name} to {version}: {status} {text[:500]}")

    def deploy_all(self, sources, parallel=8, **manifest):
        """Deploys many at a time. Seconds that it took."""
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
            for _ in pool.map(lambda pair: self.deploy(*pair, **manifest), sources.items()):
                pass
        return time.monotonic() - start

    def metrics(self):
        """What /metrics says: a list of (name, labels, value)."""
        status, text = self.admin("GET", "/metrics")
        if status != 200:
            raise Failure(f"GET /metrics: {status}")
        found = []
        for line in text.splitlines():
            match = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)(?: \d+)?", line)
            if match:
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
                found.append((match[1], labels, float(match[3])))
        return found


def ask(port, path, body=None, method=None, headers=None, timeout=30):
    """Status and bytes of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method or ("GET" if body is None else "POST"), path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def quantile(before, after, share, **labels):
    """The quantile in seconds of what a histogram counted between two looks, and how much that was.

    The histogram is the one of durations in seconds that has these labels.
    """
    def counts(metrics):
        found = {}
        for name, of, value in metrics:
            if not name.endswith("_seconds_bucket") or any(of.get(key) != wanted for key, wanted in labels.items()):
                continue
            bound = float(of["le"].replace("+Inf", "inf"))
            found.setdefault(name, {})[bound] = found.get(name, {}).get(bound, 0) + value
        return found

    old, new = counts(before), counts(after)
    name = next((name for name in sorted(new) if "request" in name or "dispatch" in name), next(iter(new), None))
    if name is None:
        return None, 0
    grown = [(bound, count - old.get(name, {}).get(bound, 0)) for bound, count in sorted(new[name].items())]
    total = grown[-1][1]
    below, low = 0, 0.0
    for bound, count in grown:
        if total and count >= share * total:
            if bound == float("inf") or count == below:
                return low, int(total)
            return low + (bound - low) * (share * total - below) / (count - below), int(total)
        below, low = count, bound
    return None, int(total)


def gauge(metrics, *words):
    """The sum of the first metric whose name has all the words."""
    names = sorted({name for name, _, _ in metrics if all(word in name for word in words)}, key=len)
    return sum(value for name, _, value in metrics if names and name == names[0]) if names else None


def starts(before, after, kind):
    """How many starts of a kind were counted between two looks."""
    def count(metrics):
        return sum(value for name, labels, value in metrics
                   if name == "rookery_starts_total" and labels.get("start") == kind)

    return int(count(after) - count(before))


def source(number):
    """A worker that no other is like: its functions, its table, its answer."""
    rows = ",".join(f"[{(number * 31 + row) % 997},'item-{number}-{row}']" for row in range(40))
    functions = "\n".join(
        f"const step{n} = (x) => (x * {number % 89 + n} + {number}) % {1009 + n};" for n in range(10))
    chain = "".join(f"step{n}(" for n in range(10)) + "seed" + ")" * 10
    return f"""// worker {number}
{functions}
const table = new Map([{rows}]);
let served = 0;
export default {{
  async fetch(request) {{
    const seed = new URL(request.url).pathname.length;
    served += 1;
    const value = {chain};
    return new Response(`w-{number} ${{table.get(value) ?? value}} ${{served > 0}}`);
  }},
}};
"""


def wrk_command(port, path, connections, seconds, threads=1):
    return ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "15s",
            "-s", os.path.join(HERE, "wrk.lua"), f"http://127.0.0.1:{port}{path}"]


def start_wrk(port, path, connections, seconds, threads=1, **settings):
    """Begins a load, whose settings wrk.lua names."""
    if not shutil.which("wrk"):
        raise Failure("there is no wrk here: apt-get install wrk")
    env = {**os.environ, "LOAD_PATH": path}
    env.update({f"LOAD_{key.upper()}": str(value) for key, value in settings.items()})
    # What replaces # in paths is made by Lua: the URL only needs host and port then.
    return subprocess.Popen(
        wrk_command(port, path.replace("#", "0"), connections, seconds, threads), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=env, text=True)


def finish_wrk(process):
    """The figures of a load."""
    output = process.communicate()[0]
    found = re.search(r"^LOAD (\{.*\})$", output, re.M)
    if not found:
        raise Failure(f"wrk failed: {output.strip()[-500:]}")
    figures = json.loads(found[1])
    figures["per_second"] = figures["requests"] / figures["seconds"]
    # A status of 400 or more, or no answer.
    figures["failed"] = sum(figures[key] for key in ("connect", "read", "write", "timeout", "status"))
    return figures


def run_wrk(*arguments, **settings):
    return finish_wrk(start_wrk(*arguments, **settings))


def measured(server, *arguments, **settings):
    """A load with the server's CPU time in µs per request."""
    before = server.cpu()
    figures = run_wrk(server.port, *arguments, **settings)
    figures["cpu_us"] = (server.cpu() - before) * 1e6 / max(1, figures["requests"])
    return figures


@contextlib.contextmanager
def scratch():
    folder = tempfile.mkdtemp(prefix="rookery-load-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(main):
    """Runs a script's main; what fails ends it with a line and status 1."""
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"{os.path.basename(sys.argv[0])}: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
