// SPDX-License-Identifier: Apache-2.0
// Domains beyond ASCII: UTS #46, not transitional, without checks of hyphens and lengths.
const name = (text) => {
  const shown = [...text].map((c) => (/[!-~]/.test(c) ? c : `\\u{${c.codePointAt(0).toString(16)}}`)).join('');
  return shown.length > 50 ? `${shown.slice(0, 50)}… (${text.length})` : shown;
};
const host = (text) => {
  const result = URL.parse(`https://${text}/`)?.hostname ?? 'no URL';
  console.log(`${name(text)}: ${name(result)}`);
};

for (const text of [
  'b\u00FCcher.de', 'B\u00DCCHER.DE', 'xn--bcher-kva.de', 'XN--BCHER-KVA.de', 'fa\u00DF.de', '\u1E9E.de', '\u03C2.gr', '\u65E5\u672C\u8A9E.jp',
  '\u65E5\u672C\u8A9E\u3002jp', 'a\uFF0Ecom', '\uFF21\uFF22.com', '\uFF11\uFF12\uFF17.1', 'a\u00ADb.com', '\u00AD', 'e\u0301.com', '\u00E9.com',
  '\u0301.com', 'a\u200Db', 'a\u200C', '\u0915\u094D\u200D\u0937', '\u05D0\u05D1', '\u05D01', '1\u05D0', 'a\u05D0', '\u0660\u06F0.com',
  '-\u00FC', '\u00FC-', 'ab--\u00FC', 'aa--bb', '-x-', '\u00FC..de', '.\u00FC', 'xn--', 'xn--a', 'xn--0', 'xn--ls8h.la', 'xn--zzzzzz99999', 'axn--a',
  '\u{1F4A9}.la', 'a\u2044b', 'a\u2260b', 'a\uFFFDb', 'a\uD800b', '\uE000', '%C3%BC.de', '%c3%bc', '%C3', '%EF%BB%BFa', 'a%00', 'a%2Fb', '\u2100',
  'a\u0000b', 'a b', 'a\u3000b', 'a\uFE55b', 'a\uFF1Ab', 'a\uFF0Fb', 'a\uFF05b', '\u2488com', 'na\u00EFve%2Ecom',
  `${'a'.repeat(64)}.com`, `${'\u00FC'.repeat(64)}.com`, `${'a.'.repeat(200)}com`, `${'\u00FC.'.repeat(100)}com`, '\u00FC'.repeat(900),
  '\u00FC'.repeat(5000), `e${'\u0301\u0323'.repeat(2000)}`,
]) host(text);

const url = new URL('https://x/');
url.hostname = '\u00FC.de';
console.log(url.href);
url.host = '\u200D';
console.log(url.href);
console.log(new URL('//\u00FC/x', url).href);
console.log(new URL('foo://\u00FC\u00DC/').host);
