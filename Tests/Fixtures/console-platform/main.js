// SPDX-License-Identifier: Apache-2.0
// Objects of the platform show what their attributes answer, whatever scripts have put in their place.
const controller = new AbortController();
console.log(new URL('https://u:p@h:8/a?b=1&c=2#d'));
console.log(new URLSearchParams('b=1&c=2&b=3'), [new URLSearchParams()]);
console.log(controller, AbortSignal.abort('why'));
console.log(new TextDecoder('utf-16le', { fatal: true }), new TextEncoder());
console.log(new MessageChannel(), new BroadcastChannel('x'), new EventTarget(), navigator);
console.log(new PerformanceMark('m', { startTime: 5, detail: { deep: [1] } }));
console.log(new ReadableStream(), new WritableStream(), new TransformStream());
console.log([[[new URL('x:y')]]]);

class Mine extends URLSearchParams {
  #hidden = 1;
  own = 'property';
  get computed() { return this.#hidden; }
}
console.log(new Mine('a=b'));
console.log(Object.create(URL.prototype), URL.prototype, Object.setPrototypeOf(new TextEncoder(), null));
Object.defineProperty(TextEncoder.prototype, 'encoding', { get() { throw new Error('a getter of the script'); } });
console.log(new TextEncoder());
console.log(Object.setPrototypeOf(new TextEncoder(), new Proxy({}, { get() { return 1; }, getPrototypeOf() { return TextEncoder.prototype; } })) !== null);
