// SPDX-License-Identifier: Apache-2.0
const { subtle } = crypto;
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
const text = (string) => new TextEncoder().encode(string);
const same = (what, got, wanted) => console.log(what, hex(got) === wanted ? 'ok' : `${hex(got)}, not ${wanted}`);

// FIPS 180-4's examples, and the empty message.
const digests = {
  'SHA-1': ['a9993e364706816aba3e25717850c26c9cd0d89d', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  'SHA-256': [
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  'SHA-384': [
    'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    '38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b'],
  'SHA-512': [
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e'],
};
for (const [name, [abc, empty]] of Object.entries(digests)) {
  same(name, await subtle.digest(name, text('abc')), abc);
  same(`${name} of nothing`, await subtle.digest({ name: name.toLowerCase() }, new ArrayBuffer(0)), empty);
}
same('a million', await subtle.digest('SHA-256', new Uint8Array(1e6).fill(97)),
  'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
same('eight million', await subtle.digest('SHA-1', new Uint8Array(8e6).fill(97)), 'd53f4c96aeb477a1f6debd0dc9663b368dd36e4f');
const view = new DataView(text('xabcx').buffer, 1, 3);
same('a view', await subtle.digest('SHA-1', view), digests['SHA-1'][0]);

// RFC 4231, test cases 1, 2 and 6.
const macs = [
  ['0b'.repeat(20), text('Hi There'), {
    'SHA-256': 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    'SHA-512': '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
  }],
  [hex(text('Jefe')), text('what do ya want for nothing?'), {
    'SHA-384': 'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
  }],
  ['aa'.repeat(131), text('Test Using Larger Than Block-Size Key - Hash Key First'), {
    'SHA-256': '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  }],
];
for (const [key, message, results] of macs) {
  for (const [hash, wanted] of Object.entries(results)) {
    const imported = await subtle.importKey('raw', bytes(key), { name: 'HMAC', hash }, false, ['sign', 'verify']);
    same(`HMAC ${hash}`, await subtle.sign('HMAC', imported, message), wanted);
    const signature = bytes(wanted);
    const verify = () => subtle.verify('HMAC', imported, signature, message);
    const whole = await verify();
    signature[3] ^= 1;
    console.log(whole, await verify(), await subtle.verify('HMAC', imported, bytes(wanted).subarray(1), message));
  }
}

// RFC 5869, test cases 1 and 4.
const derive = async (parameters, secret, count) => {
  const key = await subtle.importKey('raw', secret, parameters.name, false, ['deriveBits']);
  return subtle.deriveBits(parameters, key, count * 8);
};
const salt = bytes('000102030405060708090a0b0c');
const info = bytes('f0f1f2f3f4f5f6f7f8f9');
same('HKDF SHA-256', await derive({ name: 'HKDF', hash: 'SHA-256', salt, info }, bytes('0b'.repeat(22)), 42),
  '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
same('HKDF SHA-1', await derive({ name: 'HKDF', hash: 'SHA-1', salt, info }, bytes('0b'.repeat(11)), 42),
  '085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896');
const nothing = new Uint8Array(0);
same('HKDF without salt', await derive({ name: 'HKDF', hash: 'SHA-256', salt: nothing, info: nothing }, bytes('0b'.repeat(22)), 42),
  '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8');
const long = { name: 'HKDF', hash: 'SHA-256', salt, info: new Uint8Array(100_000) };
console.log('HKDF', (await derive(long, nothing, 255 * 32)).byteLength, (await derive(long, nothing, 0)).byteLength);
await derive(long, nothing, 255 * 32 + 1).catch((error) => console.log('HKDF', error.name));

// RFC 6070, and RFC 7914 for SHA-256.
const passwords = [
  ['SHA-1', 'password', 'salt', 1, '0c60c80f961f0e71f3a9b524af6012062fe037a6'],
  ['SHA-1', 'password', 'salt', 4096, '4b007901b765489abead49d926f721d065a429c1'],
  ['SHA-1', 'passwordPASSWORDpassword', 'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096, '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038'],
  ['SHA-1', 'pass\0word', 'sa\0lt', 4096, '56fa6aa75548099dcc37d7f03425e0c3'],
  ['SHA-256', 'passwd', 'salt', 1, '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbcabb24e5d8c8bd8bcf6f5a8b1a8bb2e2d'.slice(0, 64)],
];
for (const [hash, password, salt, iterations, wanted] of passwords) {
  same(`PBKDF2 ${hash}`,
    await derive({ name: 'PBKDF2', hash, salt: text(salt), iterations }, text(password), wanted.length / 2), wanted);
}
for (const [hash, wanted] of [['SHA-384', 'd8c4687a6d6feba11dac127084e8a8cbf430167c470aafe86ec2eb03bf5f62906a593b37706723a8b6cea765ea7fd7d54e4342df58f0deb298108fb0496a31d214111eb40a4976d9fe5ccfc511692c6f651c50470a62b1965eccde7485f8caa99d782cfb'], ['SHA-512', '09e565ec2e55e96d118b7b41189d46daf3c287e7d4553f41d2a50934a63a692db91c431f156040a89fc45121785634254ab1d11efd9ced9ff4617ad9e1abf345df4f7ab119ef074ddfdf7ed6336a542b7e3bec7d31b7d5a68f26650607a9f03440d4c2d2']]) {
  const parameters = { name: 'PBKDF2', hash, salt: text('salt'), iterations: 10_000 };
  same(`PBKDF2 ${hash}`, await derive(parameters, text('p'.repeat(200)), wanted.length / 2), wanted);
}
console.log((await derive({ name: 'PBKDF2', hash: 'SHA-1', salt, iterations: 1 }, nothing, 0)).byteLength);
