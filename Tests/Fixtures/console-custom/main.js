// Objects that say how they are shown.
const custom = Symbol.for('nodejs.util.inspect.custom');
class Money {
  constructor(amount) { this.amount = amount; }
  [custom](depth, options, inspect) {
    return `Money<${inspect(this.amount, options)} ${depth} ${options.depth} ${options.stylize('x', 'special')}>`;
  }
}
console.log(new Money(5), [new Money('six')], { a: { b: new Money({ c: 1 }) } });
console.log({ [custom]() { return { shown: 'instead' }; } });
console.log({ kept: 1, [custom]() { return this; } });
console.log({ [custom]() { return 'two\nlines'; } }, [{ [custom]: () => 'two\nlines' }]);
console.log({ [custom]: () => 42 }, { [custom]: () => null }, { [custom]: 'no function' });
console.log(Money.prototype, Money);
console.log('%s %o %O', new Money(1), new Money(2), new Money(3));
console.dir(new Money(4));
console.log(new Proxy(new Money(7), {}));
