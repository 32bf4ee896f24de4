// SPDX-License-Identifier: Apache-2.0
const { subtle } = crypto;
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
const text = (string) => new TextEncoder().encode(string);
const same = (what, got, wanted) => console.log(what, hex(got) === wanted ? 'ok' : `${hex(got)}, not ${wanted}`);
const decode = (base64) => Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
const message = text('the message');
const hash = 'SHA-256';

// Keys and signatures that the program openssl made.
const made = [
  { namedCurve: 'P-256',
    pkcs8: 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgegYFGcw4rycZOiM6iu4ErQpVCG4ajLXAgDTzvRdoSBuhRANCAAQem7se1B/sgw3VFhdh1y88yy2XDwFIzODXRshssjUMOM6Y+7NCJXdz2L1Xzc5dJGWjfdoe1q/RFjdonD1dueMR',
    spki: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHpu7HtQf7IMN1RYXYdcvPMstlw8BSMzg10bIbLI1DDjOmPuzQiV3c9i9V83OXSRlo33aHtav0RY3aJw9XbnjEQ==',
    compressed: 'MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADHpu7HtQf7IMN1RYXYdcvPMstlw8BSMzg10bIbLI1DDg=',
    signature: 'd16bc1e5e78ea85c1f82905d9bc23f92294006e219dd574a3d0624334a33364eaa962443049ff79ee9d6462844aadb36a37b2b6508cc5475d8b705e674e97289' },
  { namedCurve: 'P-384',
    pkcs8: 'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDB4MXhDX0SoL9BSGJc/Z2+OUxduJhKkfY9GLDhHo/Em2paa74Qm/JWHu236kaDujnKhZANiAARXnxXl65xe9t6hs+fMCJ6ECdwHzjEsYowomrqlw7JO/k/gxbiT+2kUPtparHQuvPBnSWohFGZ0EcXgwG5FExBVznbu7uahjFlSsdfVnoYAc9bbdAYr9GHnccyGJaeaygM=',
    spki: 'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEV58V5eucXvbeobPnzAiehAncB84xLGKMKJq6pcOyTv5P4MW4k/tpFD7aWqx0LrzwZ0lqIRRmdBHF4MBuRRMQVc527u7moYxZUrHX1Z6GAHPW23QGK/Rh53HMhiWnmsoD',
    compressed: 'MEYwEAYHKoZIzj0CAQYFK4EEACIDMgADV58V5eucXvbeobPnzAiehAncB84xLGKMKJq6pcOyTv5P4MW4k/tpFD7aWqx0Lrzw',
    signature: '3267e48bbda76ac2b253333c38d305090e416dbec73f33393ccd8a95abebf8fb25686d24aa716986224d5267973466cd97f024e04f45c4db9b34fc8fbf1bc7b00fa3031704af022561b13e7744ca5b822ee60391a144ab728933488d7fea784b' },
  { namedCurve: 'P-521',
    pkcs8: 'MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAf2Iixws5dioIS2ds2tpx2THnOeJBvEb3mX3M7k7iWGDT9LmJ+pXWXx111Agr6ECrCrz1awiXw1oZGUskmjRw+WShgYkDgYYABAFub6Y/pauvVw9EYZWiHsx74k7y6eMd7VYhnwEQtpoL0d1YKYbB2RrGTtrVmESju/WuV5/WbDaf/bTO9KjiwjX7dwEU4NrwttWqq5aFb8m1yDKjlJke57OX0zk7cjBiwCkEGgeCTVE35SdpNmJVBmIKhj2bXnWaIqqFhXVbtP2yQsV6Nw==',
    spki: 'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBbm+mP6Wrr1cPRGGVoh7Me+JO8unjHe1WIZ8BELaaC9HdWCmGwdkaxk7a1ZhEo7v1rlef1mw2n/20zvSo4sI1+3cBFODa8LbVqquWhW/Jtcgyo5SZHuezl9M5O3IwYsApBBoHgk1RN+UnaTZiVQZiCoY9m151miKqhYV1W7T9skLFejc=',
    compressed: 'MFgwEAYHKoZIzj0CAQYFK4EEACMDRAADAW5vpj+lq69XD0RhlaIezHviTvLp4x3tViGfARC2mgvR3VgphsHZGsZO2tWYRKO79a5Xn9ZsNp/9tM70qOLCNft3',
    signature: '00b84a380f0fe407b0148459d53afa4ecd927fef5f30aff33e971f5b23768141124a8f49952c6e79fcebc2f3234ec2b88c12b3c41e30b5f0e32d2e4a3a736be37b89006a1344908ae6d08944c4ed2394e35972052468a27b10fa350f29fb0e22da49064c0d6b87e7fa4556e2f02ddce600417303d333e8fe564bf9cdc422c06fe978498a' },
];
for (const { compressed, namedCurve, pkcs8, signature, spki } of made) {
  const algorithm = { name: 'ECDSA', namedCurve, hash };
  const open = await subtle.importKey('spki', decode(spki), algorithm, true, ['verify']);
  const secret = await subtle.importKey('pkcs8', decode(pkcs8), algorithm, true, ['sign']);
  const verify = (given, key = open, data = message) => subtle.verify(algorithm, key, given, data);
  const own = await subtle.sign(algorithm, secret, message);
  console.log(namedCurve, await verify(bytes(signature)), await verify(own), own.byteLength);
  const bad = bytes(signature);
  bad[9] ^= 1;
  console.log(await verify(bad), await verify(bytes(signature), open, text('another')),
    await verify(new Uint8Array(own.byteLength)), await verify(bytes(signature).subarray(2)));
  const short = await subtle.importKey('spki', decode(compressed), algorithm, true, ['verify']);
  same('spki', await subtle.exportKey('spki', open), hex(decode(spki)));
  same('compressed', await subtle.exportKey('spki', short), hex(decode(spki)));
  same('pkcs8', await subtle.exportKey('pkcs8', secret), hex(decode(pkcs8)));
  const { crv, ext, key_ops, kty, x, y, d } = await subtle.exportKey('jwk', secret);
  console.log(crv, ext, key_ops, kty, x.length, y.length, d.length);
  const again = await subtle.importKey('jwk', { crv, kty, x, y }, algorithm, true, ['verify']);
  console.log(await verify(own, again));
  const raw = await subtle.exportKey('raw', open);
  same('raw', await subtle.exportKey('raw', await subtle.importKey('raw', raw, algorithm, true, [])), hex(raw));
}

// RFC 5903, section 8.1.
{
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
  const url = (digits) => btoa(String.fromCharCode(...bytes(digits))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const mine = await subtle.importKey('jwk', {
    kty: 'EC', crv: 'P-256',
    d: url('c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433'),
    x: url('dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180'),
    y: url('5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3'),
  }, algorithm, false, ['deriveBits']);
  const theirs = await subtle.importKey('raw', bytes(
    '04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab',
  ), algorithm, false, []);
  const derive = (length) => subtle.deriveBits({ name: 'ECDH', public: theirs }, mine, length);
  const secret = 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de';
  same('ECDH', await derive(null), secret);
  same('ECDH 128', await derive(128), secret.slice(0, 32));
  same('ECDH 13', await derive(13), 'd680');
  same('ECDH 0', await derive(0), '');
  await derive(257).catch((error) => console.log(error.name));
}

// RFC 8032, sections 7.1 and 7.4.
const edwards = [
  ['Ed25519', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
  ['Ed25519', '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
  ['Ed448', '6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b',
    '5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180', '',
    '533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600'],
];
const prefixes = { Ed25519: '302e020100300506032b657004220420', Ed448: '3047020100300506032b6571043b0439' };
for (const [name, secret, open, message, signature] of edwards) {
  const mine = await subtle.importKey('pkcs8', bytes(prefixes[name] + secret), name, true, ['sign']);
  const theirs = await subtle.importKey('raw', bytes(open), name, true, ['verify']);
  same(name, await subtle.sign(name, mine, bytes(message)), signature);
  const bad = bytes(signature);
  bad[1] ^= 1;
  console.log(await subtle.verify(name, theirs, bytes(signature), bytes(message)),
    await subtle.verify(name, theirs, bad, bytes(message)), await subtle.verify(name, theirs, bytes('00'), bytes(message)));
  const jwk = await subtle.exportKey('jwk', mine);
  console.log(jwk.kty, jwk.crv, jwk.alg, 'x' in jwk, 'd' in jwk);
  same('pkcs8', await subtle.exportKey('pkcs8', await subtle.importKey('jwk', jwk, name, true, ['sign'])), prefixes[name] + secret);
}

// A key of small order fits any message.
for (const [name, size] of [['Ed25519', 32], ['Ed448', 57]]) {
  const one = new Uint8Array(size);
  one[0] = 1;
  const key = await subtle.importKey('raw', one, name, true, ['verify']);
  const signature = new Uint8Array(2 * size);
  signature[0] = 1;
  console.log(name, await subtle.verify(name, key, signature, text('any')));
}

// RFC 7748, sections 6.1 and 6.2.
const montgomery = [
  ['X25519', '302e020100300506032b656e04220420', '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'],
  ['X448', '3046020100300506032b656f043a0438',
    '9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b',
    '3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609',
    '07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d'],
];
for (const [name, prefix, secret, open, wanted] of montgomery) {
  const mine = await subtle.importKey('pkcs8', bytes(prefix + secret), name, true, ['deriveBits', 'deriveKey']);
  const theirs = await subtle.importKey('raw', bytes(open), name, true, []);
  same(name, await subtle.deriveBits({ name, public: theirs }, mine), wanted);
  const key = await subtle.deriveKey({ name, public: theirs }, mine, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
  same(`${name} as a key`, await subtle.exportKey('raw', key), wanted.slice(0, 64));
  const zero = await subtle.importKey('raw', new Uint8Array(wanted.length / 2), name, true, []);
  await subtle.deriveBits({ name, public: zero }, mine).catch((error) => console.log(error.name));
}
