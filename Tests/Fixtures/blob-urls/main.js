// SPDX-License-Identifier: Apache-2.0
// URL.createObjectURL, URL.revokeObjectURL, and fetch of what they name.
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message.replace(/[0-9a-f]{8}[0-9a-f-]{28}/, 'UUID')}`);
  }
};
const blob = new Blob(['0123456789'], { type: 'Text/X' });
const url = URL.createObjectURL(blob);
console.log(/^blob:null\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(url), url !== URL.createObjectURL(blob));
console.log(new URL(url).origin, new URL(url).protocol);

const show = async (response) => {
  const { status, statusText, type, headers } = response;
  return `${status} ${statusText} ${type} ${JSON.stringify([...headers])} ${await response.text()}`;
};
await attempt('fetch', async () => show(await fetch(url)));
await attempt('with a fragment', async () => (await fetch(`${url}#x`)).url === url);
await attempt('a File without a type', async () => show(await fetch(URL.createObjectURL(new File(['f'], 'n')))));
for (const range of ['bytes=2-4', 'bytes=7-', 'bytes=-3', 'bytes=-99', 'bytes=0-99', 'bytes = 1 - 1', 'bytes=10-', 'bytes=4-2', 'bytes=-', 'bytes=a-', 'items=1-2', '']) {
  await attempt(range, async () => show(await fetch(url, { headers: { range } })));
}
for (const method of ['HEAD', 'POST', 'PUT']) await attempt(method, () => fetch(url, { method }));
for (const suffix of ['?a', '/b', '0']) await attempt(suffix, () => fetch(url + suffix));

const request = new Request(url);
const started = fetch(url);
URL.revokeObjectURL(`${url}?a`);
URL.revokeObjectURL(`${url}#a`);
await attempt('only the very URL revokes', async () => show(await fetch(url)));
URL.revokeObjectURL(url);
URL.revokeObjectURL(url);
URL.revokeObjectURL('none');
URL.revokeObjectURL('https://a/');
await attempt('what began before', async () => show(await started));
await attempt('a request from before', async () => show(await fetch(request)));
await attempt('a copy of it', async () => show(await fetch(new Request(request))));
await attempt('revoked', () => fetch(url));

for (const value of [undefined, null, {}, 'blob', Object.create(Blob.prototype)]) await attempt(typeof value, () => URL.createObjectURL(value));
await attempt('nothing', () => URL.createObjectURL());
await attempt('nothing to revoke', () => URL.revokeObjectURL());
await attempt('a symbol to revoke', () => URL.revokeObjectURL(Symbol('x')));
