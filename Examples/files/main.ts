// SPDX-License-Identifier: Apache-2.0
// Reads a table, works on it, writes a report for each station. It may read data/ and write out/, and nothing else.
import files from 'rookery:files';

interface Reading { station: string; day: string; minimum?: number; maximum?: number }

const toNumber = (text: string) => (text === '' ? undefined : Number(text));

function parse(text: string): Reading[] {
  const [, ...lines] = text.trimEnd().split('\n');
  return lines.map((line) => {
    const [station, day, minimum, maximum] = line.split(',');
    return { station, day, minimum: toNumber(minimum), maximum: toNumber(maximum) };
  });
}

const readings = parse(await files.readText('data/stations.csv'));
for (const [station, own] of Map.groupBy(readings, (reading) => reading.station)) {
  const known = own.filter(({ minimum, maximum }) => minimum !== undefined && maximum !== undefined);
  const mean = known.reduce((sum, { minimum, maximum }) => sum + (minimum! + maximum!) / 2, 0) / known.length;
  const path = `out/${station.toLowerCase().replaceAll(' ', '-')}.json`;
  await files.write(path, JSON.stringify({ station, days: own.length, mean }));
  console.log(path, (await files.stat(path)).size);
}

for (const path of ['data/stations.csv', '../../README.md', '/etc/passwd']) {
  try {
    await files.write(path, '');
    console.log(`${path} was written`);
  } catch (error) {
    console.log(`${path}: ${(error as Error).name}`);
  }
}
