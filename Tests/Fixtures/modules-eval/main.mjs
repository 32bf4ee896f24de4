// SPDX-License-Identifier: Apache-2.0
const direct = await eval("import('./value.mjs')");
const indirect = await (0, eval)("import('./value.mjs')");
const made = await new Function("return import('./value.mjs')")();
const asynchronous = await new (async () => {}).constructor("return await import('./value.mjs')")();
console.log(direct === indirect, direct === made, direct === asynchronous, direct.value);

// Of a module in another folder: its own.
const inner = await import('./folder/inner.mjs');
console.log((await inner.direct()).where, (await inner.made()).where);
const timer = await new Promise((done) => setTimeout(() => done(eval("import('./value.mjs')")), 1));
console.log(timer === direct);

for (const code of ["import('./absent.mjs')", "import('bare')", "import('./throws.mjs')"]) {
  await eval(code).catch((error) => console.log(error.name));
  await new Function('return ' + code)().catch((error) => console.log(error.name));
}
for (const code of ["import './value.mjs'", 'export {}', 'import.meta', 'await 1']) {
  try {
    eval(code);
    console.log('no error');
  } catch (error) {
    console.log(error.name);
  }
}
