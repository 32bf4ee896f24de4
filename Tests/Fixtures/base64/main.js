const attempt = (work) => {
  try {
    return JSON.stringify(work());
  } catch (error) {
    return `${error.name} ${error.code} ${error instanceof DOMException}`;
  }
};

for (const string of ['', 'a', 'ab', 'abc', '\0\xFF\x80', 'caf\xE9', '\u0100', '\u{1F600}', null, undefined, 12]) {
  console.log(`btoa ${JSON.stringify(string)}: ${attempt(() => btoa(string))}`);
}
for (const string of ['', 'YQ==', 'YQ', 'YWI=', 'YWI', 'YWJj', ' Y\tW\nJ\fj\r', 'Y', 'YQ=', 'YQ===', '=', '====', 'Y=Q=',
  'YR==', 'ab-_', 'AA\u00A0AA', '\u0100AAA', '+/+/', null, undefined, 12, 'YWJjZ', 'YWJj=', 'AAA\v']) {
  console.log(`atob ${JSON.stringify(string)}: ${attempt(() => atob(string))}`);
}

let all = '';
for (let i = 0; i < 256; i++) all += String.fromCharCode(i);
let same = true;
for (let start = 0; start < 3; start++) same &&= atob(btoa(all.slice(start))) === all.slice(start);
console.log(`every byte goes there and back: ${same}`);
const long = all.repeat(4096);
console.log(`a long string too: ${atob(btoa(long)) === long}`);

for (const work of [() => atob(), () => btoa(), () => btoa(Symbol('s'))]) console.log(attempt(work).slice(0, 9));
console.log(`${atob.length} ${btoa.length} ${Object.keys(globalThis).includes('atob')}`);
