// SPDX-License-Identifier: Apache-2.0
// Compiles: events, ports and what is caught late.
class Clock extends EventTarget {
  tick(): boolean {
    return this.dispatchEvent(new CustomEvent('tick', { detail: performance.now() }));
  }
}
const clock = new Clock();
const controller = new AbortController();
clock.addEventListener('tick', (event) => console.log((event as CustomEvent<number>).detail), { signal: controller.signal });
clock.addEventListener('tick', { handleEvent(event) { event.preventDefault(); } });
controller.signal.addEventListener('abort', function (event) { console.log(this.reason, event.type); });
controller.signal.onabort = null;

addEventListener('limitapproaching', ({ limit, used, total }) => {
  const name: 'cpu' | 'wall' | 'memory' = limit;
  console.log(name, used / total);
});
addEventListener('unhandledrejection', (event) => event.preventDefault());
onerror = (message, filename, line) => typeof message === 'string' && line === 1 && filename !== undefined;
globalThis.onunhandledrejection = ({ promise, reason }) => { promise.catch(() => reason); };
reportError(new DOMException('late', 'TimeoutError'));

const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data, ports }) => { ports[0]?.postMessage(structuredClone(data)); };
port2.postMessage({ at: new Date() }, [new ArrayBuffer(8)]);
new BroadcastChannel('news').onmessage = (event: MessageEvent<string>) => { event.data.toUpperCase(); };

const observer = new PerformanceObserver((list) => { for (const entry of list.getEntriesByType('mark')) entry.toJSON(); });
observer.observe({ entryTypes: PerformanceObserver.supportedEntryTypes });
performance.measure('span', { start: performance.mark('here').name, detail: 1 }).duration.toFixed();

// @ts-expect-error: made by the runtime alone
const signal: AbortSignal = new AbortSignal().aborted;
// @ts-expect-error: an event has a type
new Event();
// @ts-expect-error: which limit it is about
new LimitApproachingEvent('limitapproaching', {});
// @ts-expect-error: no browser
document.body;
export { signal };
