// SPDX-License-Identifier: Apache-2.0
// WebSocket and CloseEvent without a network: URLs, subprotocols, states, arguments, the failure.
const log = (...values) => console.log(...values);
const attempt = (make) => { try { log(make()); } catch (error) { log(error.name, error.code ?? '', error.message); } };

for (const url of ['', '/x', 'ws://a b/', 'ftp://a/', 'about:blank', 'ws://a/#', 'ws://a/#b', 'ws://a:99999/']) attempt(() => new WebSocket(url).url);
for (const url of ['ws://A.test', 'http://a.test:80/x?y', 'https://a.test/', 'wss://a.test:443', new URL('ws://[::1]:8080/')]) attempt(() => new WebSocket(url).url);
const protocols = ['', 'a b', 'a,b', 'ü', ['a', 'a'], ['a', 'A'], [], null, ['b', 1], new Set(['c']), { toString: () => 'd' }, Symbol(), { [Symbol.iterator]: 1 }];
for (const value of protocols) attempt(() => new WebSocket('ws://a.test', value).protocol);
for (const make of [() => new WebSocket(), () => WebSocket('ws://a'), () => WebSocket.prototype.url, () => WebSocket.prototype.send.call({}, 'x')]) attempt(make);
log(WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.prototype.CLOSED, WebSocket.length, WebSocket.prototype.send.length, WebSocket.prototype.close.length);

const socket = new WebSocket('ws://a.test/path', 'chat');
log(socket.readyState, socket.bufferedAmount, socket.extensions === '', socket.protocol === '', socket.binaryType);
socket.binaryType = 'arraybuffer';
socket.binaryType = 'nothing';
log(socket.binaryType);
attempt(() => socket.send());
attempt(() => socket.send('early'));
for (const args of [[999], [1001], [2999], [5000], [NaN], [1e9], [1000, 'x'.repeat(124)], [1000, 'é'.repeat(62)], [Symbol()]]) attempt(() => socket.close(...args));
log(socket.readyState);
const order = [];
socket.onopen = () => order.push('open');
socket.onerror = (event) => order.push(event.constructor.name, event.message, socket.readyState);
await new Promise((resolve) => { socket.onclose = (event) => { order.push(event.type, event.code, event.reason, event.wasClean, event.isTrusted); resolve(); }; });
for (const item of order) log(item);
socket.send('x'.repeat(10));
socket.send(new Uint8Array(5));
socket.send(new Blob(['blob']));
socket.send('é');
log(socket.bufferedAmount);
socket.close();

const early = new WebSocket('ws://a.test/');
early.close(3000, 'never');
log(early.readyState);
await new Promise((resolve) => { early.onclose = ({ code, reason }) => { log(code, reason === '', early.readyState); resolve(); }; });

const event = new CloseEvent('close', { code: 65536 + 7, reason: 'r\ud800', wasClean: 1, bubbles: true });
log(event.type, event.code, event.reason, event.wasClean, event.bubbles, event instanceof Event, Object.prototype.toString.call(event));
log(new CloseEvent('x').code, new CloseEvent('x').reason === '', new CloseEvent('x').wasClean);
attempt(() => new CloseEvent());
