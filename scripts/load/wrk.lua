-- SPDX-License-Identifier: Apache-2.0
-- What load.py gives wrk to do, from the environment, and its figures as one line of JSON.
--   LOAD_METHOD, LOAD_BODY, LOAD_HEADERS   of every request; headers as lines of "name: value"
--   LOAD_TURNS     so many workers take turns: their number stands for # in LOAD_PATH
--   LOAD_ZIPF      so many workers are asked, the n-th most popular one 1/n^LOAD_SKEW as often as the first
--   LOAD_DELAY     milliseconds that a connection waits before its next request, on average

local function number(name) return tonumber(os.getenv(name) or "") end

wrk.method = os.getenv("LOAD_METHOD") or "GET"
wrk.body = os.getenv("LOAD_BODY")
for name, value in (os.getenv("LOAD_HEADERS") or ""):gmatch("([^:\n]+): *([^\n]*)") do wrk.headers[name] = value end

local path = os.getenv("LOAD_PATH") or "/"
local function one(n) return wrk.format(nil, (path:gsub("#", tostring(n)))) end

local threads = 0
function setup(thread)
  thread:set("seed", threads)
  threads = threads + 1
end

local turns, zipf = number("LOAD_TURNS"), number("LOAD_ZIPF")

-- Where request is not defined, wrk sends the same bytes again and again without asking Lua.
if turns then
  local requests, next = {}, 0
  function init() for n = 1, turns do requests[n] = one(n - 1) end end
  function request()
    next = next % turns + 1
    return requests[next]
  end
elseif zipf then
  local requests, sums, total = {}, {}, 0
  function init()
    math.randomseed(4711 + (seed or 0))
    local skew = number("LOAD_SKEW") or 1
    for n = 1, zipf do
      total = total + 1 / n ^ skew
      sums[n] = total
    end
  end
  function request()
    local wanted, low, high = math.random() * total, 1, zipf
    while low < high do
      local middle = math.floor((low + high) / 2)
      if sums[middle] < wanted then low = middle + 1 else high = middle end
    end
    -- Neighbours in popularity are none in name.
    local n = (low * 7919) % zipf
    requests[n] = requests[n] or one(n)
    return requests[n]
  end
end

local pause = number("LOAD_DELAY")
if pause then
  function delay() return math.floor(math.random() * 2 * pause + 0.5) end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nLOAD {"requests":%d,"seconds":%.6f,"bytes":%d,"p50_us":%d,"p90_us":%d,"p99_us":%d,"p999_us":%d,"max_us":%d,' ..
    '"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9), latency.max,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
