# SPDX-License-Identifier: Apache-2.0
"""A client that asks at a steady pace on connections that stay, and holds every answer against its request."""
import asyncio
import collections
import contextlib
import time


class Unanswered(Exception):
    """A connection ended, or time was up, before an answer had begun."""


class Cut(Exception):
    """An answer had begun, and its connection ended before its end."""


class Answer:
    """What a request was answered with."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def outcome(self):
        """What the server says about it; empty where the worker answered."""
        return self.headers.get("x-rookery-outcome", "")


class Connection:
    """A connection to a port of 127.0.0.1 that is opened again when it has ended. One request at a time."""

    def __init__(self, port, headers=None):
        self.port, self.headers = port, headers or {}
        self.reader = self.writer = None

    async def ask(self, method, path, body=None, chunks=None, timeout=30):
        """The answer to a request. With chunks, the body goes out in pieces, each after a moment.

        Raises Unanswered or Cut.
        """
        try:
            return await asyncio.wait_for(self.exchange(method, path, body, chunks), timeout)
        except (asyncio.TimeoutError, TimeoutError) as error:
            self.close()
            raise Unanswered(f"no answer in {timeout} s") from error
        except OSError as error:
            self.close()
            raise Unanswered(str(error)) from error

    async def exchange(self, method, path, body, chunks):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if chunks is not None:
            lines.append("transfer-encoding: chunked")
        elif body is not None:
            lines.append(f"content-length: {len(body)}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b""))
        sending = asyncio.ensure_future(self.send(chunks)) if chunks is not None else None
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            raise Unanswered("the connection ended before an answer") from error
        finally:
            if sending:
                sending.cancel() if self.writer is None else None
        try:
            answer = await self.receive(head)
            if sending:
                # An answer may come before all of the body has gone out; what is left is of no use then.
                if not sending.done():
                    answer.headers["connection"] = "close"
                    sending.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await sending
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            raise Cut("the answer has no end") from error
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    async def send(self, chunks):
        for chunk in chunks:
            self.writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await self.writer.drain()
            await asyncio.sleep(0.002)
        self.writer.write(b"0\r\n\r\n")

    async def receive(self, head):
        lines = head.decode("latin-1").split("\r\n")
        headers = dict((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:-2]))
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while True:
                size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
                body += (await self.reader.readexactly(size + 2))[:size]
                if size == 0:
                    break
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(lines[0].split(" ")[1]), headers, body)

    def close(self):
        if self.writer is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self.writer.close()
        self.reader = self.writer = None


class Tally:
    """What became of requests, and how long they took."""

    def __init__(self):
        self.counts = collections.Counter()
        self.faults = []
        # Of those that a worker answered: when it was asked, by time.monotonic(), the worker, the seconds it took.
        self.times = []

    def fault(self, text):
        self.counts["fault"] += 1
        if len(self.faults) < 20:
            self.faults.append(text)

    def took(self, begun, worker):
        self.counts["answered"] += 1
        self.times.append((begun, worker, time.monotonic() - begun))

    def p99(self, begin, end, workers=None):
        """The 99th percentile in seconds of what was asked in a span of time, and of how many."""
        taken = sorted(seconds for begun, worker, seconds in self.times
                       if begin <= begun < end and (workers is None or worker in workers))
        return (taken[len(taken) * 99 // 100] if taken else None), len(taken)


async def settle(tally, connection, worker, path, expected, timed=True, refusals=(503,), **request):
    """Asks once. Counts a worker's right answer, a refusal by its outcome, a cut answer; all else is a fault.

    The answer, where a worker gave it and it was right.
    """
    begun = time.monotonic()
    request.setdefault("method", "GET")
    label = f"{request['method']} {path[:80]}"
    try:
        answer = await connection.ask(path=path, **request)
    except Unanswered as error:
        tally.fault(f"{label}: {error}")
        return None
    except Cut:
        tally.counts["cut"] += 1
        return None
    if answer.status in refusals and answer.outcome:
        tally.counts[f"{answer.status} {answer.outcome}"] += 1
        return None
    if answer.status != 200 or (expected is not None and answer.body != expected):
        tally.fault(f"{label}: {answer.status} {answer.outcome} {answer.body[:100]!r}, not {(expected or b'')[:100]!r}")
        return None
    if timed:
        tally.took(begun, worker)
    else:
        tally.counts["answered"] += 1
    return answer
