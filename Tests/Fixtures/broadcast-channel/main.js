// SPDX-License-Identifier: Apache-2.0
// A message reaches every other open channel of its name, each with a clone of its own.
const log = (...parts) => console.log(...parts);
const attempt = (name, work) => {
  try {
    log(`${name}:`, work());
  } catch (error) {
    log(`${name}: ${error.name}: ${error.message}`);
  }
};
const later = () => new Promise((resolve) => { setTimeout(resolve, 5); });
const [a, b, c, other] = ['x', 'x', 'x', 'y'].map((name) => new BroadcastChannel(name));
let reads = 0;
const seen = [];
for (const [name, channel] of Object.entries({ a, b, c, other })) {
  channel.onmessage = ({ data, isTrusted, origin, ports, source }) => {
    seen.push(data);
    log(name, data.read, data.by ??= name, isTrusted, origin, ports.length, source);
  };
}
a.postMessage({ get read() { return ++reads; } });
await later();
log(seen.length, seen[0] !== seen[1], reads);
b.close();
b.close();
a.postMessage({ read: 'after b' });
c.postMessage({ read: 'from c' });
await later();
c.postMessage({ read: 'lost' });
a.close();
await later();
attempt('a closed channel', () => a.postMessage(1));
attempt('no message', () => c.postMessage());
attempt('a function', () => c.postMessage(() => {}));
attempt('a stream', () => c.postMessage(new ReadableStream()));
attempt('no name', () => new BroadcastChannel());
attempt('a symbol as a name', () => new BroadcastChannel(Symbol('s')));
attempt('names', () => [null, undefined, 5, '', '\uD800'].map((name) => new BroadcastChannel(name).name.length).join());
attempt('another this', () => BroadcastChannel.prototype.close.call({}));
