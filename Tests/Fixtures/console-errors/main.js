// Errors whose stacks are set by hand: where they are thrown from differs between engines.
const withStack = (error, frames = '    at first (file:1:1)\n    at second (file:2:2)') => {
  error.stack = `${error.name}: ${error.message}${frames && `\n${frames}`}`;
  return error;
};
console.log(withStack(new Error('plain')));
console.log(withStack(new TypeError('no frames'), ''));
console.log([withStack(new RangeError('in a list'))], { error: withStack(new Error('in an object'), '') });
console.log(withStack(Object.assign(new Error('with properties'), { code: 'E_CODE', detail: { a: 1 } })));
console.log(withStack(Object.assign(new Error('no frames'), { code: 'E_CODE' }), ''));
console.log(withStack(new Error('outer', { cause: withStack(new TypeError('inner'), '    at deep (file:3:3)') })));
console.log(withStack(new Error('outer', { cause: 'a text' }), ''), withStack(new Error('undefined', { cause: undefined }), ''));
const frames = ['a', 'b', 'c', 'd', 'e'].map((name) => `    at ${name} (file:9:9)`).join('\n');
const inner = withStack(new Error('inner'), `    at thrower (file:1:1)\n${frames}`);
console.log(withStack(new Error('shares its frames', { cause: inner }), `    at catcher (file:2:2)\n${frames}`));
console.log(withStack(new AggregateError([withStack(new Error('one'), ''), 2], 'several')));
class HTTPError extends Error { status = 404; }
console.log(withStack(new HTTPError('not found')));
class Named extends Error { name = 'Named'; }
console.log(withStack(new Named('own name')));
class NamedError extends Error { get name() { return 'NamedError'; } }
console.log(withStack(new NamedError('getter')));
const renamed = withStack(new Error('renamed'));
renamed.name = 'Other';
console.log(renamed);
const changed = withStack(new Error('before'));
changed.message = 'after';
console.log(changed);
console.log(withStack(new Error('multi\nline message')));
console.log(withStack(new Error('')), withStack(new Error(), ''));
console.log(Object.setPrototypeOf(withStack(new Error('no prototype')), null));
const bare = new Error('bare');
bare.stack = undefined;
console.log(bare);
const odd = new Error('odd');
odd.stack = { not: 'text' };
console.log(odd);
console.log('%s', withStack(new Error('as text'), ''));
console.log('failed:', withStack(new Error('after a text'), ''));
console.error(withStack(new Error('to the other stream'), ''));
console.log({ a: { b: { c: withStack(new Error('deep'), '') } } });
console.log({ a: { b: { c: withStack(Object.assign(new Error('deep'), { x: 1 }), '') } } });
