// SPDX-License-Identifier: Apache-2.0
// What the URL parser makes of its input, with and without a base.
const parts = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const text = (input) => JSON.stringify(input.length > 60 ? `${input.slice(0, 60)}… (${input.length})` : input);
const parse = (input, base) => {
  const url = URL.parse(input, base);
  if (URL.canParse(input, base) !== (url !== null)) console.log('parse and canParse differ');
  if (url !== null && URL.parse(url.href)?.href !== url.href) console.log('does not parse to itself');
  console.log(`${text(input)}${base === undefined ? '' : ` in ${base}`}: ${url === null ? 'no URL' : text(url.href)}`);
};
const take = (input, base) => {
  const url = new URL(input, base);
  console.log(`${url.href}: ${parts.map((part) => JSON.stringify(url[part])).join(' ')} | ${url.host} | ${url.origin}`);
};

console.log('# parts');
take('https://user:pa%20ss@www.example.com:8080/a/b.html?q=1&r#frag');
take('http://example.com');
take('HTTP://EXAMPLE.com:80/');
take('ftp://ftp.example.com:21/x');
take('ws://h:81?');
take('wss://h#');
take('file:///C:/dir/file.txt?x');
take('file://host/share');
take('data:text/plain,hello world?q#f');
take('mailto:a@b');
take('blob:https://example.com:443/id');
take('blob:file:///x');
take('foo://bar:baz@host:99/p?q#f');
take('foo:///x');
take('foo:/x');
take('foo:/.//x');
take('foo:');
take('http://:p@h/');
take('http://u:@h/');

console.log('# spaces, tabs, newlines');
parse('  \u0000http://e\tx\nample.com/a\rb \u0001');
parse('http://example.com/a b?c d#e f');
parse('data:  x  ');
parse('data:x  #y');
parse(' javascript:alert(1) ');

console.log('# slashes and dots');
for (const input of ['http:example.com', 'http:/example.com', 'http:///example.com', 'http:\\\\example.com\\a\\b',
  'http://h/a/./b', 'http://h/a/../b', 'http://h/../../b', 'http://h/a/..', 'http://h/a/.', 'http://h/%2e%2E/%2e./b',
  'http://h/...', 'http://h/a//../b', 'foo://h/a/../..', 'foo:a/../b', 'foo:/../x', 'http://h//', 'foo://h\\x', '//h', '']) parse(input);

console.log('# drives');
for (const input of ['file:C|/a', 'file:///C|/../..', 'file://C:/a', 'file:/C:/a/../../b', 'file:\\\\\\C|\\a', 'file://localhost/a',
  'file:a', 'file://h:80/', 'file://1.2/']) parse(input);
for (const input of ['/a', 'D:', 'D|/b', '..', '../../..', '?q', '#f', '//h/x', '', '/C:b']) parse(input, 'file:///C:/x/y?z');
parse('a', 'file://host/b/c');

console.log('# bases');
const base = 'http://u:p@host:81/a/b/c?q#f';
for (const input of ['', 'd', './d', '../d', '../../../d', '/d', '//other/d', '\\\\other', '?x', '#x', 'd?x#y', 'http:d', 'http:/d', 'https:d',
  'foo:d', ';x', ':', '::', 'a:b']) parse(input, base);
parse('#x', 'mailto:a?b#c');
parse('', 'mailto:a');
parse('x', 'mailto:a');
parse('d', 'foo://h/a/b');
parse('?x', 'foo://h');
parse('x', 'foo:/a');
parse('//x', 'foo:/a');

console.log('# percent-encoding');
parse('http://h/ "#<>?`{}^|\\\u00E9\uD800\u{1F600}%41%zz');
parse('http://h/?"\'<>#');
parse('foo://h/?"\'<>');
parse('foo:a"<>`\u0001\u00E9');
parse('http://h/#"<>`\'{}');
parse('http://a"b:c/d@e@h/');
parse('http://h/\uD83D\uDE00\uDE00');

console.log('# ports');
for (const port of ['', '0', '00080', '443', '65535', '65536', '99999999999', '8a', '-1', '+1']) parse(`https://h:${port}/`);

console.log('# hosts');
for (const host of ['1', '0x7F.1', '0x', '1.2.3', '1.2.3.4.', '1.2.3.4.5', '256.1', '1.256', '1.16777216', '4294967295', '4294967296',
  '08', '0x100000000', '1..2', '.', 'a.1', 'a.0x', 'a.0xg', '1.a', '%30x7f.1', 'a b', 'a%20b', 'a<b', 'a|b', 'a%b', 'a%zz', '%41.com', 'a_b',
  'A-.-b', '[::]', '[1:2:3:4:5:6:7:8]', '[1::8]', '[::1.2.3.4]', '[1:0:0:4::]', '[0:0:1:0:0:0:1:0]', '[::FFFF:C0A8:1]', '[1:2:3:4:5:6:7::]',
  '[::1', '[]', '[1]', '[:1]', '[1:]', '[::1::]', '[1:2:3:4:5:6:7:8:9]', '[12345::]', '[::1.2.3]', '[::1.2.3.256]', '[::01.2.3.4]',
  '[::1%25en0]', '[1:2:3:4:5:6:7:1.2.3.4]', '[g::]', 'a]', 'a[b]']) parse(`http://${host}/`);
for (const host of ['', 'A b', 'EX\u00E9', 'a%41', 'a^b', '1', '[::1]', '@']) parse(`foo://${host}/`);
parse('http://user@/x');
parse('http://@/x');
parse('http://');
parse('https:');
parse('http://a:b:c/');

console.log('# long');
parse(`http://h/${'a/../'.repeat(20000)}`);
parse(`http://h/${'\u20AC'.repeat(1000)}`);
parse(`http://${'a'.repeat(5000)}/`);
parse(`http://h/${'x'.repeat(600)}?${'y'.repeat(600)}`);

console.log('# interface');
console.log([() => new URL(), () => new URL('x'), () => new URL('x', 'y'), () => new URL('//', 'http://h'), () => URL('http://h'),
  () => new URL(Symbol()), () => new URL('http://h', null), () => new URL('x'.repeat(500)), () => URL.parse(), () => URL.canParse(),
  () => URL.prototype.href, () => Reflect.get(URL.prototype, 'search', {})].map(attempt).join('\n'));
console.log(`${new URL('http://h', undefined)} ${new URL({ toString: () => 'http://o' })} ${new URL('a', new URL('http://b'))}`);
console.log(`${Object.keys(URL)} ${Object.keys(URL.prototype)} ${URL.length} ${URL.canParse.length} ${URL.parse.length}`);
console.log(`${JSON.stringify({ url: new URL('http://h') })} ${Object.prototype.toString.call(new URL('x:'))}`);
console.log(`${URL.parse('x')} ${URL.canParse('x', 'y')} ${URL.canParse('x', 'http://y')}`);
class Mine extends URL {
  get path() { return this.pathname; }
}
console.log(`${new Mine('http://h/p').path} ${new Mine('http://h/p') instanceof URL} ${Mine.parse('x:y') instanceof Mine}`);
