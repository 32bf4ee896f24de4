// SPDX-License-Identifier: Apache-2.0
// A relative URL has a base where the script has defined a location.
try { new Request('/a') } catch (e) { console.log(e.message) }
globalThis.location = { href: 'https://a.test/b/c' };
console.log(new Request('d?x').url, Response.redirect('/z').headers.get('location'));
globalThis.location = { get href() { throw 1 } };
try { new Request('/a') } catch (e) { console.log(e.message) }
