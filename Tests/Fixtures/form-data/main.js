// SPDX-License-Identifier: Apache-2.0
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const show = async (form) => {
  const entries = [];
  for (const [name, value] of form) entries.push([name, typeof value === 'string' ? value : [value.name, value.type, await value.text(), value.lastModified]]);
  return JSON.stringify(entries);
};

console.log('# methods');
const form = new FormData();
form.append('a', 1);
form.append('b', '\uD800');
form.append('a', new Blob(['x'], { type: 't/u' }), 'given');
form.append('c', new File(['y'], 'own', { lastModified: 5 }));
form.append('c', new File(['y'], 'own', { lastModified: 6 }), 'other');
console.log(form.get('a'), form.get('b'), form.get('none'), form.getAll('a').length, form.getAll('none'), form.has('c'), form.has('C'));
console.log(form.get('c').lastModified, form.getAll('c')[1].name, form.getAll('c')[1].lastModified, form.get('c') === form.get('c'));
const file = new File([], 'same');
form.set('d', file);
console.log(form.get('d') === file, form.getAll('a')[1].name);
form.set('d', new Blob([]));
console.log(form.get('d').name, form.get('d') instanceof File, Math.abs(form.get('d').lastModified - Date.now()) < 60000);
form.set('a', 'first');
form.delete('c');
form.delete('none');
console.log([...form.keys()].join(), [...form.values()].map(String).join(), form.forEach((value, name) => name));
for (const [name, args] of [['nothing', []], ['a name', ['a']], ['a filename of a string', ['a', 'b', 'c']], ['an undefined filename of a string', ['a', 'b', undefined]],
  ['a symbol', ['a', Symbol('s')]]]) {
  await attempt(`append ${name}`, () => form.append(...args));
  await attempt(`set ${name}`, () => form.set(...args));
}
await attempt('an undefined filename', () => form.append('z', new File([], 'kept'), undefined) ?? form.get('z').name);
await attempt('a form', () => new FormData({}));
await attempt('another receiver', () => FormData.prototype.get.call({}, 'a'));
console.log(FormData.length, String(form), form[Symbol.iterator] === form.entries, Object.keys(FormData.prototype).join());
const changing = new FormData();
changing.append('a', '1');
const steps = changing.entries();
steps.next();
changing.append('b', '2');
console.log(steps.next().value.join(), steps.next().done);
changing.append('b', '3');
console.log(changing, new FormData());

console.log('# written');
const written = new FormData();
written.append('na\rme"\n%22\u00E9', 'line\nline\rline\r\n"');
written.append('f', new File(['\n'], 'q"\r\n\u20AC.txt', { type: 'a/b' }));
written.append('g', new Blob([]));
const response = new Response(written);
const type = response.headers.get('content-type');
const boundary = type.slice(type.indexOf('=') + 1);
console.log(type.startsWith('multipart/form-data; boundary='), /^[-0-9A-Za-z]{27,70}$/.test(boundary), boundary !== new Response(written).headers.get('content-type').slice(30));
written.append('late', '');
console.log(JSON.stringify((await response.text()).replaceAll(boundary, 'BOUNDARY')));
console.log(JSON.stringify((await new Response(new FormData()).text()).replace(/--.*--/, '--BOUNDARY--')));

console.log('# read');
const lines = (...list) => list.join('\r\n');
const head = 'Content-Disposition: form-data; name="a"';
const read = (name, body, type = 'multipart/form-data; boundary=X') =>
  attempt(name, async () => show(await new Response(body, { headers: { 'content-type': type } }).formData()));
await read('fields', lines('--X', head, '', '1', '--X', head, '', '', '--X--', ''));
await read('a file', lines('--X', 'content-type: TEXT/x;a="b"', `${head}; filename="f;g"`, '', '1\n', '--X--', ''));
await read('a file without a type', lines('--X', `${head}; filename=""`, '', '', '--X--', ''));
await read('a type that is none', lines('--X', `${head}; filename=f`, 'Content-Type: text', '', '', '--X--', ''));
await read('nothing is decoded', lines('--X', 'Content-Disposition: form-data; name="%22%0D\\"', '', '\uFEFF%41', '--X--', ''));
await read('space', lines('--X \t', ' Content-Disposition : form-data ; name=a ; other=1', 'X-Y:z', '', ' 1 ', '--X-- ', 'epilogue'));
await read('no line end after the end', lines('--X', head, '', '--X not at the start', '--X--'));
await read('an end alone', '--X--');
await read('a quoted boundary', lines('--(\u00E9)', head, '', '1', '--(\u00E9)--', ''), 'multipart/form-data; boundary="(\u00E9)"');
await read('two types', '--X--', 'text/plain, multipart/form-data; boundary=X');
console.log('# malformed');
await read('empty', '');
await read('a preamble', lines('x', '--X', head, '', '', '--X--', ''));
await read('no end', lines('--X', head, '', '1'));
await read('no end of the headers', lines('--X', head));
await read('no headers', lines('--X', '', '1', '--X--', ''));
await read('no name', lines('--X', 'Content-Disposition: form-data', '', '1', '--X--', ''));
await read('not form-data', lines('--X', 'Content-Disposition: attachment; name="a"', '', '1', '--X--', ''));
await read('an open quote', lines('--X', 'Content-Disposition: form-data; name="a', '', '1', '--X--', ''));
await read('no colon', lines('--X', head, 'x', '', '1', '--X--', ''));
await read('a null', lines('--X', head, 'x: \0', '', '1', '--X--', ''));
await read('a lone line feed', lines('--X', 'Content-Disposition: form-data; name="a\nb"', '', '1', '--X--', ''));
await read('something after the end', lines('--X', head, '', '1', '--X--x', ''));
await read('the boundary within a line', lines('--X', head, '', '1--X--', ''));
await read('no boundary', '--X--', 'multipart/form-data');
await read('an empty boundary', '----', 'multipart/form-data; boundary=""');
await read('another type', '--X--', 'text/plain');
await read('no type', '--X--', '');

console.log('# urlencoded');
const urlencoded = 'application/x-www-form-urlencoded';
await read('pairs', 'a=1&b=%20+%C3%A9&a&=&', urlencoded);
await read('a mark and no UTF-8', new Uint8Array([0xEF, 0xBB, 0xBF, 0x61, 0x3D, 0xFF]), `${urlencoded};charset=latin1`);
await attempt('nothing', async () => show(await new Response(null, { headers: { 'content-type': urlencoded } }).formData()));
await attempt('and back', async () => show(await new Response(new URLSearchParams({ a: 'b c', '\u00E9': '&' })).formData()));
