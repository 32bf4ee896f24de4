// SPDX-License-Identifier: Apache-2.0
import * as other from './folder/other.mjs';
const meta = import.meta;
console.log(meta === import.meta, Object.getPrototypeOf(meta), Object.isExtensible(meta));
console.log(meta.url.startsWith('file:///'), meta.url.endsWith('/modules-import-meta/main.mjs'));
console.log(meta.filename === meta.dirname + '/main.mjs', meta.url === 'file://' + meta.filename);
console.log(meta.main, other.meta.main);
console.log(other.meta.dirname === meta.dirname + '/folder', other.meta.url === meta.resolve('./folder/other.mjs'));
console.log(other.meta === meta, other.meta === (await import('./folder/other.mjs')).meta);

const base = meta.url.slice(0, meta.url.lastIndexOf('/') + 1);
const shown = (url) => (url.startsWith(base) ? 'BASE/' + url.slice(base.length) : url);
for (const specifier of ['./a.mjs', './a/../b.mjs', './a.mjs?q#f', './ä b.mjs', 'data:,x', 'https://example.com/a/../b']) {
  try {
    console.log(shown(meta.resolve(specifier)));
  } catch (error) {
    console.log(specifier, error.name);
  }
}
for (const specifier of ['bare', '', './absent.mjs']) {
  try {
    console.log(shown(meta.resolve(specifier)));
  } catch (error) {
    console.log(JSON.stringify(specifier), error.name, error.code);
  }
}
console.log(shown(meta.resolve('/absolute.mjs')));
console.log(shown(other.resolve('./x.mjs')), shown(other.resolve('../x.mjs')));
try {
  meta.resolve();
} catch (error) {
  console.log(error.name);
}
meta.added = 1;
console.log(import.meta.added, (await import('./folder/other.mjs?query')).meta.url.endsWith('other.mjs?query'));
console.log((await import('./folder/other.mjs?query')).meta.filename === other.meta.filename);

// What is resolved need be no JavaScript, and need not be there.
for (const specifier of ['./data.json', './page.html', './code.wasm', './absent.cjs', 'data:text/html,x']) {
  try {
    console.log(shown(meta.resolve(specifier)));
  } catch (error) {
    console.log(specifier, error.name, error.code);
  }
}

// A data: URL has no file.
const { default: data } = await import('data:text/javascript,export default import.meta');
console.log(data.url, data.filename, data.dirname, data.main);
