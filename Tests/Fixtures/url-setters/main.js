// SPDX-License-Identifier: Apache-2.0
// The attributes of URLs that can be set.
const set = (href, part, ...values) => {
  for (const value of values) {
    const url = new URL(href);
    url[part] = value;
    console.log(`${href} ${part} = ${JSON.stringify(value)}: ${url.href}`);
    if (URL.parse(url.href)?.href !== url.href) console.log('  does not parse to itself');
  }
};
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

set('http://u:p@h:81/p?q#f', 'protocol', 'https', 'HTTPS:', 'ftp:x', 'foo', 'file', '', '1', 'ht\ttp', 'wss://x');
set('https://h:443', 'protocol', 'http');
set('http://h:443', 'protocol', 'https');
set('file:///x', 'protocol', 'http');
set('file://h/x', 'protocol', 'http');
set('foo:x', 'protocol', 'bar', 'http');
set('http://h', 'username', 'a', 'a:b@c/d', '', '\u00E9\t', 'a b');
set('http://u:p@h', 'username', '');
set('file://h/', 'username', 'x');
set('foo:x', 'username', 'x');
set('http://h', 'password', 'x', ':@/?#[]', '');
set('http://u:p@h', 'password', '');
set('http://h:81/p', 'host', 'x', 'x:82', 'x:', 'x:99999', 'x:8a', ':80', '', 'a b', 'x/y?z#w', 'x\\y', '[::1]:5', '1.1', 'u@x', 'b\u00FCcher', 'x\ny');
set('foo://h:81/p', 'host', '', 'X', 'x\\y');
set('foo://h/p', 'host', '');
set('foo:/p', 'host', 'x', '');
set('foo:/.//p', 'host', 'x');
set('mailto:a', 'host', 'x');
set('file:///p', 'host', 'x', 'x:80', 'localhost', '');
set('http://h:81/p', 'hostname', 'x', 'x:82', ':82', '', '[::1]', 'x?y');
set('foo://h/p', 'hostname', '', 'x');
set('http://h:81', 'port', '', '82', '80', '8a', 'a8', '99999', '0', '\t9\n1', '-1');
set('file:///p', 'port', '80');
set('foo:x', 'port', '80');
set('http://h/p?q', 'pathname', '', 'x', '/x', '//x', '\\x', '../a/./b', 'a?b#c', 'a b\u00E9', '%2e%2E', 'a\tb');
set('foo://h/p', 'pathname', '', 'x', '\\x');
set('foo:/p', 'pathname', '', '//x', 'x');
set('mailto:a', 'pathname', 'x');
set('file:///C:/x', 'pathname', '/..', 'D|/x');
set('http://h/p#f', 'search', '', '?', 'a', '?a', '??a', "a'b #", '\u00E9', 'a\nb');
set('foo:a', 'search', "'b", '');
set('http://h/p?q', 'hash', '', '#', 'a', '#a', '##a', '`<>" ', 'a\tb');
set('data:x  ?q#f', 'search', '');
set('data:x  #f', 'hash', '');
set('data:x  ?q', 'hash', '');
set('http://h', 'href', 'foo:bar', ' http://x ');

const url = new URL('http://h');
console.log(attempt(() => { url.href = 'x'; }));
console.log(attempt(() => { url.search = Symbol(); }));
console.log(attempt(() => { Reflect.set(URL.prototype, 'search', 'x', {}); }));
console.log(attempt(() => { Object.getOwnPropertyDescriptor(URL.prototype, 'hash').set.call({}, 'x'); }));
console.log(attempt(() => { url.origin = 'x'; }));
url.pathname = { toString: () => '/object' };
url.port = 8080;
url.hash = null;
console.log(url.href);

// searchParams and the URL follow each other.
const { searchParams } = url;
console.log(url.searchParams === searchParams);
url.search = '?a=1&b=%20+';
console.log(JSON.stringify([...searchParams]));
url.search = '?x';
console.log(JSON.stringify([...searchParams]), JSON.stringify([...new URL('x:?y').searchParams]));
url.search = '?a=1&b=%20+';
searchParams.append('c', '\u00E9&=');
console.log(url.href);
searchParams.delete('a');
searchParams.set('b', 'x');
console.log(url.search);
url.href = 'https://other/?z=9';
console.log(`${searchParams} ${searchParams.size}`);
searchParams.sort();
searchParams.delete('z');
console.log(url.href);
console.log(attempt(() => { url.searchParams = 'y'; }));
const opaque = new URL('data:x  ?q');
opaque.searchParams.delete('q');
console.log(JSON.stringify(opaque.href));
url.search = '';
url.searchParams.append('\uD800', '\uD83D\uDE00');
console.log(url.search);
