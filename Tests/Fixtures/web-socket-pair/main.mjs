// SPDX-License-Identifier: Apache-2.0
// WebSocketPair without a client: what its ends are, who may do what when, and messages from one to the other.
const log = (...values) => console.log(...values);
const attempt = (make) => { try { log(make()); } catch (error) { log(error.name, error.message); } };
const next = (socket, type) => new Promise((resolve) => { socket.addEventListener(type, resolve, { once: true }); });

const pair = new WebSocketPair();
const [client, server] = Object.values(pair);
log(Object.keys(pair).join(), pair[0] === client, pair[1] === server, client instanceof WebSocket, Object.prototype.toString.call(pair));
log(server.readyState, server.binaryType, server.url === '', server.protocol === '', server.extensions === '', server.bufferedAmount);
log(WebSocketPair.length, Object.getOwnPropertyNames(WebSocketPair.prototype).join());
attempt(() => WebSocketPair());

// Nothing before accept(), and accept() only where the socket is one's own.
attempt(() => server.send('early'));
attempt(() => server.close());
attempt(() => server.send());
attempt(() => WebSocket.prototype.accept.call({}));
attempt(() => new WebSocket('ws://a.test').accept());
server.accept();
server.accept();
for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000, NaN]) attempt(() => server.close(code));
attempt(() => server.close(1000, 'x'.repeat(124)));
attempt(() => server.send(Symbol()));
log(server.readyState);

// Responses.
for (const init of [{ status: 101 }, { webSocket: client }, { status: 200, webSocket: client }, { status: 101, webSocket: {} },
  { status: 101, webSocket: 1 }, { status: 101, webSocket: null }, { status: 101, webSocket: new WebSocket('ws://a.test') }]) {
  attempt(() => new Response(null, init).status);
}
attempt(() => new Response('body', { status: 101, webSocket: client }));
attempt(() => Response.json({}, { status: 101, webSocket: client }));
const response = new Response(null, { status: 101, webSocket: client });
log(response.status, response.ok, response.body, response.webSocket === client, new Response().webSocket);
attempt(() => response.clone());
log(await response.text() === '');

// From end to end: what was sent before accept() waits.
server.send('first');
server.send(new Uint8Array([1, 2, 3]).subarray(1));
server.send(new Blob(['blob']));
const heard = [];
client.onmessage = ({ data, origin, ports, isTrusted }) => { heard.push([data, origin, ports.length, isTrusted]); };
client.accept();
attempt(() => log(heard.length));
await next(client, 'message');
await next(client, 'message');
client.binaryType = 'blob';
const { data } = await next(client, 'message');
log(heard[0].join(), heard[1][0] instanceof ArrayBuffer, new Uint8Array(heard[1][0]).join(), data instanceof Blob, await data.text());
attempt(() => new Response(null, { status: 101, webSocket: client }).status);

// The end comes to both, once.
const ends = [];
for (const [name, socket] of [['client', client], ['server', server]]) {
  socket.addEventListener('close', ({ code, reason, wasClean }) => ends.push(`${name} ${code} ${reason} ${wasClean} ${socket.readyState}`));
}
client.send('not heard');
server.close(4000, 'done');
log(server.readyState, client.readyState);
attempt(() => server.send('late'));
server.close(4001, 'again');
await next(server, 'close');
log(ends.join('; '));
client.send('ignored');
client.close();
log(Object.keys(structuredClone({})).length);
attempt(() => structuredClone(new WebSocketPair()));
