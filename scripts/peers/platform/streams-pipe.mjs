// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';

const chunkSize = 65_536;
const chunks = Math.ceil(100_000_000 / chunkSize);

await measure({ unit: 'MB', amount: (chunks * chunkSize) / 1e6, needs: ['ReadableStream', 'TransformStream'] }, () => {
  const chunk = new Uint8Array(chunkSize);
  return async () => {
    let made = 0;
    let length = 0;
    const source = new ReadableStream({
      pull(controller) {
        if (made === chunks) controller.close();
        else controller.enqueue(chunk);
        made += 1;
      },
    });
    await source.pipeThrough(new TransformStream()).pipeTo(new WritableStream({
      write(value) { length += value.byteLength; },
    }));
    expect(length, chunks * chunkSize);
  };
});
