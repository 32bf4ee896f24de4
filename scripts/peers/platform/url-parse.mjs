// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';

const addresses = [
  'https://example.com/',
  'https://user:password@example.com:8080/path/to/page?query=1&other=two#fragment',
  'http://www.example.org/a/b/../c/./d.html',
  'https://example.com/search?q=hello+world&lang=de&page=2',
  'https://xn--mnchen-3ya.example/stra%C3%9Fe',
  'https://münchen.example/straße?größe=1',
  'http://192.168.0.1:3000/status',
  'http://[2001:db8::1]/index.html',
  'wss://socket.example.com/stream',
  'file:///usr/share/doc/readme.txt',
  'https://cdn.example.net/assets/app.0f3c9a.js?v=1732190000',
  'data:text/plain,hello',
];

await measure({ unit: 'URLs', amount: addresses.length * 100, needs: ['URL'] }, () => () => {
  let length = 0;
  for (let i = 0; i < 100; i += 1) {
    for (const address of addresses) length += new URL(address).href.length;
  }
  expect(length, 49000);
});
