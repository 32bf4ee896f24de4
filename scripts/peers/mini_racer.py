# SPDX-License-Identifier: Apache-2.0
# A mini-racer isolate for each answer. It has no modules and no web API: the script is a function.

import json
import math
import sys
import time

from py_mini_racer import MiniRacer

ROUNDS = 200
SOURCE = "const worker = { fetch(request) { return { status: 200, body: 'hello ' + request.url }; } };"
CALL = "JSON.stringify(worker.fetch({ method: 'GET', url: 'https://bench.test/path', headers: {} }))"


def once():
    racer = MiniRacer()
    try:
        racer.eval(SOURCE)
        return json.loads(racer.eval(CALL))["body"]
    finally:
        # Older versions dispose of it when the object goes.
        if hasattr(racer, "close"):
            racer.close()


def percentile(ordered, percent):
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


samples = []
for number in range(ROUNDS + ROUNDS // 10):
    start = time.perf_counter()
    if once() != "hello https://bench.test/path":
        sys.exit("no answer")
    if number >= ROUNDS // 10:
        samples.append((time.perf_counter() - start) * 1e6)
samples.sort()
report = {"n": len(samples), "p50_us": round(percentile(samples, 50), 1), "p99_us": round(percentile(samples, 99), 1)}
if "--json" in sys.argv:
    print(json.dumps(report, separators=(",", ":")))
else:
    for key, value in report.items():
        print(f"{key:8}{value}")
