// SPDX-License-Identifier: Apache-2.0
// Messages are cloned when they are posted and arrive as tasks of their own, in their order.
const log = (...parts) => console.log(...parts);
const attempt = (name, work) => {
  try {
    log(`${name}:`, work());
  } catch (error) {
    log(`${name}: ${error.name}: ${error.message}`);
  }
};
const nextMessage = (port) => new Promise((resolve) => { port.addEventListener('message', resolve, { once: true }); });

const { port1, port2 } = new MessageChannel();
const value = { list: [1] };
port1.postMessage(value);
value.list.push(2);
port1.postMessage('second');
const order = [];
port2.onmessage = ({ data, isTrusted, origin, ports, source, target }) => {
  order.push(data);
  queueMicrotask(() => order.push(`microtask of ${data}`));
  if (data !== 'second') return;
  log(data, isTrusted, origin === '', Object.isFrozen(ports), ports.length, source, target === port2);
  log(JSON.stringify(order));
};
setTimeout(() => log('a timer after them', JSON.stringify(order)), 0);
await new Promise((resolve) => { setTimeout(resolve, 5); });

// addEventListener does not start a port.
{
  const channel = new MessageChannel();
  let isStarted = false;
  channel.port2.addEventListener('message', () => log('arrived after start:', isStarted));
  channel.port1.postMessage(1);
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  isStarted = true;
  channel.port2.start();
  channel.port2.start();
  await new Promise((resolve) => { setTimeout(resolve, 5); });
}

// Ports in messages, with what waits in them.
{
  const outer = new MessageChannel();
  const inner = new MessageChannel();
  inner.port1.postMessage('waited');
  outer.port1.postMessage({ port: inner.port2, bytes: new Uint8Array(2) }, { transfer: [inner.port2] });
  outer.port2.start();
  const { data, ports } = await nextMessage(outer.port2);
  log(data.port === ports[0], ports[0] !== inner.port2, ports.length);
  ports[0].start();
  log((await nextMessage(ports[0])).data);
  ports[0].postMessage('back');
  inner.port1.start();
  log((await nextMessage(inner.port1)).data);
  inner.port2.postMessage('from the port that moved: lost');
  const buffer = new ArrayBuffer(8);
  outer.port1.postMessage(buffer, [buffer]);
  log((await nextMessage(outer.port2)).data.byteLength, buffer.byteLength);
}

// What is refused leaves everything as it was.
{
  const channel = new MessageChannel();
  const buffer = new ArrayBuffer(8);
  attempt('no message', () => channel.port1.postMessage());
  attempt('itself', () => channel.port1.postMessage(1, [channel.port1]));
  attempt('a function', () => channel.port1.postMessage([() => {}, buffer], [buffer]));
  attempt('a transfer that is no list', () => channel.port1.postMessage(1, 5));
  attempt('no transfer', () => channel.port1.postMessage(1, null) ?? channel.port1.postMessage(1, undefined) ?? channel.port1.postMessage(1, {}));
  attempt('another this', () => MessagePort.prototype.postMessage.call({}, 1));
  attempt('construction', () => new MessagePort());
  attempt('a handler of something else', () => Reflect.get(MessagePort.prototype, 'onmessage', new EventTarget()));
  log(buffer.byteLength);
  channel.port2.onmessage = () => log('one of the three');
  await new Promise((resolve) => { setTimeout(resolve, 5); });
}

// The other end through its own channel is lost, and so is the message.
{
  const channel = new MessageChannel();
  channel.port1.onclose = () => log('not closed');
  attempt('the other end', () => channel.port1.postMessage(1, [channel.port2]));
}

// Closing: what was posted arrives, then the event; nothing after it.
{
  const channel = new MessageChannel();
  channel.port2.onmessage = ({ data }) => log('before the end:', data);
  channel.port2.onclose = ({ isTrusted, type }) => log(type, isTrusted);
  channel.port1.onclose = () => log('no event for who closes');
  channel.port1.postMessage('a');
  channel.port1.close();
  channel.port1.close();
  channel.port1.postMessage('lost');
  channel.port2.postMessage('lost too');
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  const closing = new MessageChannel();
  closing.port2.onmessage = () => {
    log('only the first');
    closing.port2.close();
  };
  closing.port1.postMessage(1);
  closing.port1.postMessage(2);
  await new Promise((resolve) => { setTimeout(resolve, 5); });
}

// MessageEvent takes ports.
{
  const { port1: port } = new MessageChannel();
  const event = new MessageEvent('x', { ports: [port], source: port, data: 1 });
  log(event.ports[0] === port, event.source === port, Object.isFrozen(event.ports));
  attempt('a port that is none', () => new MessageEvent('x', { ports: [{}] }));
}

// A message on its way keeps the run alive, a port that waits does not.
port2.onmessage = ({ data }) => log('the last:', data);
port1.postMessage('message');
