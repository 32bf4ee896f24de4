// SPDX-License-Identifier: Apache-2.0
// Counts visits in a kv namespace. Two visitors who count at once both count: a version that is not the present one is
// refused, and the loser tries again.
import env from 'rookery:env';

const { COUNTS, READER } = env;

async function visit(page) {
  for (;;) {
    const { value, version } = await COUNTS.getWithMetadata(page, 'json');
    try {
      await COUNTS.put(page, JSON.stringify((value ?? 0) + 1), { ifVersion: version ?? 0, metadata: { page } });
      return;
    } catch (error) {
      if (error.code !== 'conflict') throw error;
    }
  }
}

const visits = ['/', '/about', '/', '/news', '/', '/news', '/', '/'];
await Promise.all(visits.map(visit));

const { keys } = await READER.list();
for (const { name } of keys) console.log(name.padEnd(8), await READER.get(name, 'json'));

try {
  await READER.put('/', '0');
} catch (error) {
  console.log(`${error.name} (${error.code}): ${error.message}`);
}
