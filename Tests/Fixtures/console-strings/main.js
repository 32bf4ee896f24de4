// Quotation marks, escapes, long texts.
console.log('bare', ['quoted'], ["it's"], ['say "x"'], [`it's "x"`], ['it\'s "x" `y`'], ["it's \"${x}"]);
console.log(['\n\t\b\f\r\v\0\x1b\x7f\x85\\']);
console.log(['\ud800', 'a\udc00b', '\ud83d\ude00', 'é漢字']);
console.log('\ud83d\ude00 is printed as it is');
console.log({ text: 'x'.repeat(200) });
console.log({ text: 'the first line is rather long\nthe second line is rather long too\nend' });
console.log(['a text that ends with a line feed, which is quite long to be split\n']);
console.log(['short\nlines']);
console.log(['y'.repeat(10001)].map(String)[0].length, ['y'.repeat(10003)]);
console.log(['a', 'b'.repeat(30), 'c'.repeat(30), 'd'.repeat(30)]);
console.log({ a: 'x'.repeat(60), b: 'y'.repeat(30), c: [{ d: 'z'.repeat(50), e: { f: {} } }] });
console.log(new String("it's"), Symbol("it's"), { [Symbol("it's")]: 1 });
