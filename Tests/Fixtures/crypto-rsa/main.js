// SPDX-License-Identifier: Apache-2.0
const { subtle } = crypto;
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
const text = (string) => new TextEncoder().encode(string);
const same = (what, got, wanted) => console.log(what, hex(got) === wanted ? 'ok' : `${hex(got)}, not ${wanted}`);
const decode = (base64) => Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
const message = text('the message');
const fails = (promise) => promise.then(() => 'done', (error) => error.name);

// A key, signatures and a cipher text that the program openssl made.
const pkcs8 = decode('MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDW6I2bGFRmw62FmJFXX3Pe/EBzhXTcVhjHNshqSjix/PvyvvcZZSCMZr9RM8USF8rkC5mIKStxlwflts2VcO4PvTmScbEDjJXgf6sWYGx5R9k5vd75tyixLcY0DW7abnSdo1vCXj8NU39ELi7N2BYRsUVq+qoPuFfXHcZuVlRTMxFqvyGrlXiiGZ4/b0TAR+FE9f81sXumYKEEAwDeQ6UzP2csuOd3E3qzOwvbp+0AFRKr1X0OLrESV/LkSo/aKy2hNdSZCSPupIAYT3nrybXqNsPMe7is7C29+sh6tQsVut6zDwlKIjxuPbBzocTF7sGVLsARHIgv2HUdx4SU3wc5AgMBAAECgf8KEtyQaJOMPZ/ko0Is1kyYJzreL2NK8L44mFjMoq4FqdYlis4KYrMj4a0WIVcbggIAroqD12ox6OJ14hvA5YpDMpuAQdQKVoyv+UwLwHlVNgj4q+3Hxs4hgAPKbNbFZmgQ+5dRhRlvhnpwt7l57KccLTMT0KwoEHwNmVez1Fgfji8wNPOnDwOiguWu/42FVVF/4PJ6IVPDb4qN2ylxJHr5M7QdPcduZydF5kBw+T0GebrhsscAQ6BIBj+slhk9g/RJJEHhgdK6SHSZDrWsL1ssG0wMPxdR/NpaAoMrovLsSYTBVvkJPqo4rzt8j1ItETWFEy5kbjC3F2A/L/hvErECgYEA/9mO1f9m25IygPG893/mQJfp2sSMNc+o35a0mgypr3Ufmw5p/Z2Wvp0OKAHi2kG6DrMUBLz2Vw6f8nqRkT0CZ+mCtNJtMkXej48BAMDS2IMlarJVl0xdSrDEARCqS1aATBV+jJANfMlbN+iYt5iRU1pZRVcYR+qPUZzWgs3xpusCgYEA1wjX+VagY5oGbnqX7NglDujX8i9+yBvGlvopyyBw80TmsAomhirwQv+3Bz+hPW8gPFpIvrsATmCCBtfoglAPSfWnifZM7KaCCGkH6Zfg6x0yAHk4f/Q129AkWObdiSTb0bXrn2AbIF1uH4930s+/4bTGhheifSnx3EpBtIYACWsCgYEArq8SERZiWgRFqzhh9vJCeVO/fXi46nywJoi1IoEG0h87xxheUaTpKZf99F7lTnOV3zdxsZJ69xGrL1l0Th/DpsMOVPtfRvXhcU8INkVxMBbK00CTo8ul3rs1+CwyuWGEE26RitNIAi1QtKmAq8nlX23OicNfdqq109krtP97wKUCgYEAt3/uffI0kIqB7oljWFPi2+RLU3rAYBeD0pbMT3Dxskcb7SHcWiYOPb5l/COKfxhzk80fwtNloXytuRVKbtnPEjg1rn+miVRWJsMqY2aeI0UYxFqtolNOGrR2L/9jEYOIql7qIWkr/OR98yTFBfsPLZbMyuUkXlcK9AfSJjErmt0CgYEAz8fxxUZffetrxqdpdpnhUwrSLgiW5Z/wetoaMIIJ2f4cVusXZTXfvcWXuc54x5wEWLDatepa1diRVzacq/66i5e689yfFIwCXc/+QUgw+UgS/H3PsJ9RD9c+P6h7JkEkFL8olDgnefnZGYUaFD0zr422ZCAqduhT9wVs/CSjHBA=');
const spki = decode('MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1uiNmxhUZsOthZiRV19z3vxAc4V03FYYxzbIako4sfz78r73GWUgjGa/UTPFEhfK5AuZiCkrcZcH5bbNlXDuD705knGxA4yV4H+rFmBseUfZOb3e+bcosS3GNA1u2m50naNbwl4/DVN/RC4uzdgWEbFFavqqD7hX1x3GblZUUzMRar8hq5V4ohmeP29EwEfhRPX/NbF7pmChBAMA3kOlMz9nLLjndxN6szsL26ftABUSq9V9Di6xElfy5EqP2istoTXUmQkj7qSAGE9568m16jbDzHu4rOwtvfrIerULFbresw8JSiI8bj2wc6HExe7BlS7AERyIL9h1HceElN8HOQIDAQAB');
const signature = 'R27jdqkczJNb+X4MhHO/RDw9guR4PQ+7NsZbMYlmc6SHwT2FKOyQccim9c0173fItWIQjk0/bexBIDDNDdgb84M4iIgasSyFrJQ/y+V7kF95FSkozhNUxP9D+ypPxbQJvkzc+4MtiewniN0Jw3UzFbRWOCEZd4wDwl2BvPdW+ABru2BsXCmu5EJceoSQjDa6BYguIsiE8zS9cTbraG2g+V4X+qd6fxKMxIYErnTw9jRFIjDQk4AvWBMJYIntUOfLlCWgZgmLryG3Y1qZodQfLCzE5s9R45qYx9Osxqv8OD8QLhwbXH33pVRM0jFIli6Fu+8KKUkmPOXT0rTyv4nOwQ==';
const pss = decode('BKqnprsk52qjQYkDmxNX81ukItYiXpM/2g4D45unpSmtovlQesBYTuOhiAJJqZ9GfHUn+E+H8yLjdDW36ldqGyBKJoN8iWwF92bJG7OOGxSBGcFA33w2vcpRQ6uSRI6xCkQyfvKStnAPiyzaFp2dGUXhuMdhFGqS9wKENirfA3T254XZNP1n2Cvn9PYkwNsSCYCL2SahwT+m+E2oJ3xw7VcajIhuw73fX6WXWYYRPvT5NXO9Jl0j9CXoVsQ0HojQTLVllfM8hH5Pff8pjmOFAHIlP7GExY0uvdxlRF1ZT3/VLPdW1ztE7PG1XFReYlgiQ0B8DG1q88a78TrHLY3ECQ==');
const encrypted = decode('jIzGa41hlM4qH1njl3gEpkEMqaO5dxBJUXnHK82WytczGgPUzQUT2oorZxRTSsz8Nw8srfbGoV9+p6Q2SFl1ZtYbfKQVQy2+1jEICThbN9mnsBrsrXEEPF3SW26twAJMJ6DIXd8aAmJkfGWfAsWKV9oMuSUffhtodutHDkavglOfPjfWGl34PnInL8o+TaPDe8bpvie3rlCVfujWD9Ve7xztx7PqyrXF05f2aRW2BIIzV0vUQEdL6/6iD1bc+T0CoC+3l5JEZbm4/Zc39958fT5XY/ulPG9On+ag2EWvVO/QmMV6Iys9nAxYN6b4lQC1JKk0l7aNfQF0z8Qb4PlABg==');

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const secret = await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
const open = await subtle.importKey('spki', spki, algorithm, true, ['verify']);
same('RSASSA', await subtle.sign(algorithm, secret, message), hex(decode(signature)));
const bad = decode(signature);
bad[7] ^= 1;
console.log(await subtle.verify(algorithm, open, decode(signature), message),
  await subtle.verify(algorithm, open, bad, message), await subtle.verify(algorithm, open, bad.subarray(1), message),
  await subtle.verify(algorithm, open, new Uint8Array(0), message));
console.log(open.type, open.extractable, open.usages, open.algorithm);
console.log(secret.type, secret.extractable, secret.usages, secret.algorithm === secret.algorithm);

// Forms.
same('pkcs8', await subtle.exportKey('pkcs8', secret), hex(pkcs8));
same('spki', await subtle.exportKey('spki', open), hex(spki));
const jwk = await subtle.exportKey('jwk', secret);
console.log(Object.keys(jwk).join(), jwk.kty, jwk.alg, jwk.key_ops, jwk.ext);
same('jwk', await subtle.exportKey('pkcs8', await subtle.importKey('jwk', jwk, algorithm, true, ['sign'])), hex(pkcs8));
for (const key of ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']) {
  const without = { ...jwk };
  delete without[key];
  // Without d it is a public key, which does not sign.
  console.log(key, await fails(subtle.importKey('jwk', { ...jwk, [key]: 'AAAB' }, algorithm, true, ['sign'])),
    await fails(subtle.importKey('jwk', without, algorithm, true, ['sign'])),
    await fails(subtle.importKey('jwk', { ...jwk, [key]: '*' }, algorithm, true, ['sign'])));
}
console.log(await fails(subtle.importKey('jwk', { ...jwk, oth: [] }, algorithm, true, ['sign'])),
  await fails(subtle.importKey('jwk', { ...jwk, alg: 'RS1' }, algorithm, true, ['sign'])),
  await fails(subtle.importKey('jwk', { ...jwk, p: jwk.q, q: jwk.p }, algorithm, true, ['sign'])));

// Every prefix of a key, and every one of its first bytes changed, is refused or another key.
let refused = 0;
for (let i = 0; i < spki.length; i++) refused += (await fails(subtle.importKey('spki', spki.subarray(0, i), algorithm, true, []))) === 'DataError';
console.log(refused === spki.length);
const names = new Set();
for (let i = 0; i < 60; i++) {
  const changed = pkcs8.slice();
  changed[i] ^= 0x41;
  names.add(await fails(subtle.importKey('pkcs8', changed, algorithm, true, ['sign'])));
}
console.log([...names].sort());

// PSS and OAEP.
{
  const algorithm = { name: 'RSA-PSS', hash: 'SHA-384', saltLength: 20 };
  const secret = await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const open = await subtle.importKey('spki', spki, algorithm, true, ['verify']);
  const own = await subtle.sign(algorithm, secret, message);
  console.log(await subtle.verify(algorithm, open, pss, message), await subtle.verify(algorithm, open, own, message),
    await subtle.verify({ ...algorithm, saltLength: 21 }, open, own, message),
    await subtle.verify(algorithm, open, own, text('another')));
  console.log(await fails(subtle.sign({ ...algorithm, saltLength: 10_000 }, secret, message)),
    await fails(subtle.sign({ ...algorithm, saltLength: 2 ** 32 - 1 }, secret, message)),
    await fails(subtle.sign({ ...algorithm, saltLength: -1 }, secret, message)));
}
{
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256', label: text('label') };
  const secret = await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['decrypt']);
  const open = await subtle.importKey('spki', spki, algorithm, true, ['encrypt']);
  const show = async (promise) => new TextDecoder().decode(await promise);
  console.log(await show(subtle.decrypt(algorithm, secret, encrypted)));
  console.log(await show(subtle.decrypt(algorithm, secret, await subtle.encrypt(algorithm, open, message))));
  console.log(await fails(subtle.decrypt({ name: 'RSA-OAEP' }, secret, encrypted)),
    await fails(subtle.decrypt(algorithm, secret, encrypted.subarray(1))),
    await fails(subtle.encrypt(algorithm, open, new Uint8Array(256 - 65))),
    await fails(subtle.encrypt(algorithm, secret, message)));
}

// Keys that are made.
const make = (modulusLength, publicExponent) => subtle.generateKey(
  { name: 'RSA-PSS', hash: 'SHA-1', modulusLength, publicExponent }, false, ['sign', 'verify']);
for (const exponent of [[1, 0, 1], [3], [0, 3]]) {
  const { privateKey, publicKey } = await make(1024, new Uint8Array(exponent));
  const signed = await subtle.sign({ name: 'RSA-PSS', saltLength: 0 }, privateKey, message);
  console.log(publicKey.algorithm.publicExponent, publicKey.extractable, privateKey.extractable, signed.byteLength,
    await subtle.verify({ name: 'RSA-PSS', saltLength: 0 }, publicKey, signed, message));
}
for (const [bits, exponent] of [[1024, []], [1024, [1]], [1024, [4]], [0, [3]], [100, [3]], [2 ** 20, [3]], [1024, [1, 0, 0, 0, 0, 0, 0, 0, 1]]]) {
  console.log(bits, exponent, await fails(make(bits, new Uint8Array(exponent))));
}
