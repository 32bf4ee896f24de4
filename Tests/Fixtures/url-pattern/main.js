// SPDX-License-Identifier: Apache-2.0
// URLPattern: what patterns become, what they match, what they refuse.
const parts = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return `${error.name}`;
  }
};
const show = (args) => args.map((arg) => JSON.stringify(arg)).join(', ');
// Those parts that are no wildcard.
const pattern = (...args) => {
  console.log(`${show(args)}: ${attempt(() => {
    const made = new URLPattern(...args);
    return parts.filter((part) => made[part] !== '*').map((part) => `${part} ${JSON.stringify(made[part])}`).join(', ');
  })}`);
};
const match = (args, ...inputs) => {
  console.log(`${show(args)} on ${show(inputs)}: ${attempt(() => {
    const made = new URLPattern(...args);
    const result = made.exec(...inputs);
    if (made.test(...inputs) !== (result !== null)) return 'test and exec differ';
    return result && parts.filter((part) => made[part] !== '*').map((part) => `${result[part].input} ` +
      `{${Object.keys(result[part].groups).map((key) => `${key}: ${result[part].groups[key]}`).join(', ')}}`).join(' | ');
  })}`);
};

console.log('# constructor strings');
pattern('https://example.com:8080/foo?bar#baz');
pattern('/foo?bar#baz', 'https://example.com:8080');
pattern('http{s}?://{*.}?example.com/:product/:endpoint');
pattern('https://example.com?foo');
pattern('https://example.com#foo');
pattern('https://example.com/*?foo');
pattern('https://example.com/*\\?foo');
pattern('https://example.com/:name?foo');
pattern('https://example.com/(bar)?foo');
pattern('https://example.com/{bar}\\?foo');
pattern('data\\:foobar');
pattern('data:');
pattern('file:///foo/bar');
pattern('https://{sub.}?example.com/foo');
pattern('https://(sub.)?example(.com/)foo');
pattern('?bar#baz', 'https://example.com/foo');
pattern('?bar', 'https://example.com/foo#baz');
pattern('#baz', 'https://example.com/foo?bar');
pattern('https://foo\\:bar@example.com');
pattern('https://\\:bar@example.com');
pattern('https://:user::pass@example.com');
pattern('https\\:foo\\:bar@example.com');
pattern('data\\:foo\\:bar@example.com');
pattern('https://foo{\\:}bar@example.com');
pattern('data{\\:}channel.html', 'https://example.com');
pattern('http://[\\:\\:1]:8080/');
pattern('http://[:address]/');
pattern('http://[\\:\\:AB\\::num]/');
pattern('../admin/*', 'https://discussion.example/forum/?page=2');
pattern('https://*:*');

console.log('# dictionaries');
pattern();
pattern({});
pattern({ protocol: 'http{s}?:', search: '?bar', hash: '#baz' });
pattern({ protocol: 'http', port: '80' });
pattern({ protocol: 'http', port: '80 ' });
pattern({ port: '443' });
pattern({ protocol: 'http', port: '80{20}?' });
pattern({ username: 'caf\u00E9', hostname: 'caf\u00E9.com', pathname: '/caf\u00E9', search: 'q=caf\u00E9', hash: 'caf\u00E9' });
pattern({ pathname: '/foo/../bar' });
pattern({ pathname: 'b', baseURL: 'https://example.com/foo/' });
pattern({ pathname: '{/bar}', baseURL: 'https://example.com/foo/' });
pattern({ search: 'foo', baseURL: 'https://example.com/a/+/b' });
pattern({ hash: 'foo', baseURL: 'https://example.com/?q=*&v=?&hmm={}&umm=()' });
pattern({ protocol: 'javascript', pathname: 'var x = 1;' });
pattern({ pathname: 'var x = 1;' });
pattern({ protocol: '(https|javascript)', pathname: 'var x = 1;' });
pattern({ hostname: 'bad#hostname' });
pattern({ hostname: 'bad\nhostname' });

console.log('# canonical patterns');
for (const pathname of ['(foo)?(.*)', '{:foo}{(.*)}', '{:foo}{(.*)bar}', '{:foo}{bar(.*)}', '{:foo}:bar(.*)', '{:foo}?(.*)',
  '{:foo\\bar}', '{:foo\\.bar}', ':foo\\bar', ':foo{}(.*)', ':foo{}bar', ':foo{}?bar', '*{}**?', '*\\/*', '*/{*}', '/:foo\\bar',
  '/(.*)', '/:a*', '/{:a}*', '/([^\\/]+?)', '/foo\\{', '/a{b}c', '/:foo.', '{a:b(c)d}+']) pattern({ pathname });

console.log('# matches');
match([{ pathname: '/foo/:bar' }], { pathname: '/foo/x' });
match([{ pathname: '/foo/:bar' }], { pathname: '/foo/x/' });
match([{ pathname: '/foo/:bar?' }], { pathname: '/foo' });
match([{ pathname: '/foo/:bar?' }], { pathname: '/foo/' });
match([{ pathname: '/foo/:bar+' }], { pathname: '/foo/x/y' });
match([{ pathname: '/foo/:bar*' }], { pathname: '/foo' });
match([{ pathname: '/foo{/bar}+' }], { pathname: '/foo/bar/bar' });
match([{ pathname: '/foo{/bar}*' }], { pathname: '/foo/' });
match([{ pathname: '/foo/*' }], 'https://example.com/foo/a/b?c');
match([{ pathname: '/(a|b)/([0-9]+)' }], 'https://example.com/a/12');
match([{ hostname: '{:sub.}?example.com' }], 'https://www.example.com');
match([{ hostname: '{:sub.}?example.com' }], 'https://a.b.example.com');
match([{ protocol: ':caf\u00E9' }], { protocol: 'foo' });
match([{ username: 'caf%c3%a9' }], { username: 'caf\u00E9' });
match([{ hostname: 'xn--caf-dma.com' }], { hostname: 'caf\u00E9.com' });
match([{ port: '' }], { protocol: 'http', port: '80' });
match([{ port: '80' }], { protocol: 'http', port: '80' });
match([{ port: '80' }], { port: '80' });
match([{ port: '(.*)' }], { port: 'invalid80' });
match([{ pathname: '/foo/baz' }], { pathname: '/foo/bar/../baz' });
match([{ pathname: '/foo/bar' }], { pathname: 'foo/bar', baseURL: 'https://example.com' });
match([{ protocol: 'about', pathname: '(blank|sourcedoc)' }], 'about:blank');
match([{ protocol: 'data', pathname: ':number([0-9]+)' }], 'data:8675309');
match([{ protocol: 'javascript', pathname: 'var x = 1;' }], { baseURL: 'javascript:var x = 1;' });
match(['data\\:text/javascript,let x = 100/:tens?5;'], 'data:text/javascript,let x = 100/5;');
match(['https://(sub.)?example.com/foo'], 'https://example.com/foo');
match([{ hostname: '[*\\:1]' }], { hostname: '[::ab:1]' });
match([{ pathname: '/foo/bar' }, { ignoreCase: true }], { pathname: '/FOO/BAR' });
match(['https://example.com:8080/foo?bar#baz', { ignoreCase: true }],
  { pathname: '/FOO', search: 'BAR', hash: 'BAZ', baseURL: 'https://example.com:8080' });
match(['/foo?bar', 'https://Example.com', { ignoreCase: true }], '/FOO?BAR', 'https://EXAMPLE.com');
match([{ pathname: '*' }], 'foo', 'data:no-base');
match([{ pathname: '*' }], 'foo', 'not a URL');
match([{ pathname: '/a b' }], 'https://x/a b');
match([{ search: "q='*" }], "https://x/?q='1'");
match([{ pathname: '*/*' }], { pathname: 'foo/bar' });
match([{ hash: '(?:a)' }], 'x:y#a');
match([]);

console.log('# refused');
for (const part of parts) pattern({ [part]: '(caf\u00E9)' });
pattern('/foo');
pattern('example.com/foo');
pattern('data:foobar');
pattern('{https://}example.com/foo');
pattern('https://{sub{.}}example.com/foo');
pattern('https://foo{{@}}example.com');
pattern({ pathname: '/:id/:id' });
pattern({ pathname: '/foo', baseURL: '' });
pattern('/foo', '');
pattern({ pathname: '/foo' }, 'https://example.com');
pattern({ pathname: '/(\\m)' });
pattern({ pathname: '/([[a-z]--a])' });
pattern({ pathname: '(?a)' });
pattern({ pathname: '(a(b))' });
pattern({ pathname: '{a' });
pattern({ pathname: 'a\\' });
pattern({ port: 'invalid' });
pattern({ port: '100000' });
pattern({ protocol: 'h ttp' });
for (const hostname of ['bad hostname', 'bad\\:hostname', 'bad<hostname', 'bad?hostname', 'bad@hostname', 'bad[hostname',
  'bad\\\\hostname', 'bad^hostname', '[\\:\\:xY\\::num]', '*\\:1]']) pattern({ hostname });
pattern('/foo?bar#baz', { ignoreCase: true }, 'https://example.com:8080');
console.log(attempt(() => new URLPattern({}).exec({ pathname: '/a' }, 'https://example.com')));
console.log(attempt(() => new URLPattern({ pathname: Symbol() })));
console.log(attempt(() => URLPattern({})));
console.log(attempt(() => URLPattern.prototype.test.call({}, 'x:y')));
console.log(attempt(() => URLPattern.prototype.hash));

console.log('# interface');
console.log(`${new URLPattern({ pathname: '/:a(b)' }).hasRegExpGroups} ${new URLPattern({ pathname: '/:a/*' }).hasRegExpGroups}`);
console.log(`${Object.keys(URLPattern.prototype)} ${URLPattern.length} ${String(new URLPattern())}`);
const made = new URLPattern('/:a', 'https://example.com').exec('/b', 'https://example.com');
console.log(`${Object.keys(made)} ${JSON.stringify(made.inputs)} ${JSON.stringify(made.pathname)}`);
const given = new URLPattern({}).exec({ pathname: '/x', other: 1, hash: undefined });
console.log(JSON.stringify(given.inputs));
