// SPDX-License-Identifier: Apache-2.0
// Blobs, files and keys are cloned with what they hold; what is inside of other objects too.
const blob = structuredClone(new Blob(['héllo'], { type: 'text/plain' }));
console.log(blob instanceof Blob, blob.size, blob.type, await blob.text());
const { list: [file] } = structuredClone({ list: [new File(['abc'], 'a.txt', { lastModified: 5 })] });
console.log(file instanceof File, file.name, file.lastModified, await file.text());

const { subtle } = crypto;
const key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
const copy = structuredClone(key);
console.log(copy !== key, copy instanceof CryptoKey, copy.extractable, copy.usages, copy.algorithm);
console.log('algorithms are objects of their own:', copy.algorithm !== key.algorithm);
const data = new Uint8Array(3);
console.log('signatures agree:', await subtle.verify('HMAC', copy, await subtle.sign('HMAC', key, data), data));

const refused = (name, value) => {
  try {
    structuredClone(value);
    console.log(name, 'was cloned');
  } catch (error) {
    console.log(name, error.name, error.message);
  }
};
refused('Headers', new Headers());
refused('FormData', new FormData());
refused('Request', new Request('https://a/'));
refused('Response', new Response());
refused('FileReader', new FileReader());
refused('crypto', crypto);
refused('subtle', subtle);
refused('CompressionStream', new CompressionStream('gzip'));
refused('a prototype', Headers.prototype);
console.log('a made-up Blob:', structuredClone(Object.create(Blob.prototype)));
