// SPDX-License-Identifier: Apache-2.0
const { subtle } = crypto;
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
const text = (string) => new TextEncoder().encode(string);
const same = (what, got, wanted) => console.log(what, hex(got) === wanted ? 'ok' : `${hex(got)}, not ${wanted}`);

const key = (name, raw) => subtle.importKey('raw', bytes(raw), name, true, ['encrypt', 'decrypt']);
const both = async (what, parameters, raw, plain, wanted) => {
  const imported = await key(parameters.name, raw);
  same(what, await subtle.encrypt(parameters, imported, bytes(plain)), wanted);
  same(`${what} back`, await subtle.decrypt(parameters, imported, bytes(wanted)), plain);
};

// NIST SP 800-38A, with the padding of a whole block.
const blocks = '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';
const keys = [
  '2b7e151628aed2a6abf7158809cf4f3c', '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
  '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
];
const iv = bytes('000102030405060708090a0b0c0d0e0f');
const cbc = [
  '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
  '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
  'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
];
for (let i = 0; i < 3; i++) {
  const imported = await key('AES-CBC', keys[i]);
  const encrypted = await subtle.encrypt({ name: 'AES-CBC', iv }, imported, bytes(blocks));
  same(`CBC ${keys[i].length * 4}`, encrypted.slice(0, 64), cbc[i]);
  same('CBC back', await subtle.decrypt({ name: 'AES-CBC', iv }, imported, encrypted), blocks);
}
const counter = bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
const ctr = [
  '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee',
  '1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e941e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050',
  '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
];
for (let i = 0; i < 3; i++) {
  await both(`CTR ${keys[i].length * 4}`, { name: 'AES-CTR', counter, length: 128 }, keys[i], blocks, ctr[i]);
}

// A counter that wraps around: block by block it is the same.
{
  const imported = await key('AES-CTR', keys[0]);
  for (const [start, length] of [['fe', 8], ['ff', 1], ['ff', 3], ['fd', 8]]) {
    const at = bytes(`${'a5'.repeat(15)}${start}`);
    const count = Math.min(4, 2 ** length);
    const whole = await subtle.encrypt({ name: 'AES-CTR', counter: at, length }, imported, new Uint8Array(16 * count - 3));
    let pieces = '';
    for (let i = 0; i < count; i++) {
      const here = at.slice();
      const mask = 2 ** length - 1;
      here[15] = (at[15] & ~mask) | ((at[15] + i) & mask);
      pieces += hex(await subtle.encrypt({ name: 'AES-CTR', counter: here, length }, imported, new Uint8Array(16)));
    }
    same(`wrapped ${start} ${length}`, whole, pieces.slice(0, -6));
  }
  const counter = new Uint8Array(16).fill(255);
  for (const length of [1, 8, 128]) {
    for (const size of [16, 33, 4097]) {
      const parameters = { name: 'AES-CTR', counter, length };
      console.log(length, size, await subtle.encrypt(parameters, imported, new Uint8Array(size)).then((b) => b.byteLength, (e) => e.name));
    }
  }
}

// GCM's specification, test cases 2, 4, 5 and 6, and a shorter tag.
await both('GCM', { name: 'AES-GCM', iv: new Uint8Array(12) }, '00'.repeat(16), '00'.repeat(16),
  '0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf');
const gcmKey = 'feffe9928665731c6d6a8f9467308308';
const gcmPlain = 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const additionalData = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
const gcm = {
  cafebabefacedbaddecaf888: '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47',
  cafebabefacedbad: '61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f45983612d2e79e3b0785561be14aaca2fccb',
  '9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b':
    '8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5619cc5aefffe0bfa462af43c1699d050',
};
for (const [iv, wanted] of Object.entries(gcm)) {
  const parameters = { name: 'AES-GCM', iv: bytes(iv), additionalData };
  await both(`GCM ${iv.length / 2}`, parameters, gcmKey, gcmPlain, wanted);
  await both('GCM 96', { ...parameters, tagLength: 96 }, gcmKey, gcmPlain, wanted.slice(0, -8));
}
{
  const imported = await key('AES-GCM', gcmKey);
  const parameters = { name: 'AES-GCM', iv };
  const encrypted = new Uint8Array(await subtle.encrypt(parameters, imported, new Uint8Array(3_000_000).fill(7)));
  const back = new Uint8Array(await subtle.decrypt(parameters, imported, encrypted));
  console.log(encrypted.length, back.length, back.every((byte) => byte === 7));
  encrypted[5] ^= 1;
  for (const data of [encrypted, encrypted.subarray(0, 100), encrypted.subarray(0, 15), new Uint8Array(0)]) {
    console.log(await subtle.decrypt(parameters, imported, data).then(() => 'decrypted', (error) => error.name));
  }
}

// RFC 3394.
const wraps = [
  ['000102030405060708090a0b0c0d0e0f', '00112233445566778899aabbccddeeff', '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5'],
  ['000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f',
    '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21'],
];
for (const [raw, plain, wanted] of wraps) {
  const wrapping = await subtle.importKey('raw', bytes(raw), 'AES-KW', false, ['wrapKey', 'unwrapKey']);
  const wrapped = await subtle.wrapKey('raw', await key('AES-CBC', plain), wrapping, 'AES-KW');
  same('KW', wrapped, wanted);
  const back = await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-CTR', true, ['encrypt']);
  same('KW back', await subtle.exportKey('raw', back), plain);
  new Uint8Array(wrapped)[0] ^= 1;
  await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-CTR', true, ['encrypt'])
    .catch((error) => console.log(error.name));
}
