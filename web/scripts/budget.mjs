/**
 * Measures a player's download: all JavaScript and CSS from the entry page to the podium, in one
 * language, gzipped. Fails above the limit. `--list` shows the files.
 */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 100_000;
const DIST = new URL('../dist/', import.meta.url);
const LOCALES = ['en', 'fr', 'de', 'es'];
/** Loaded along the way by every player; error texts only on an error. */
const ON_THE_WAY = /src\/main\.ts$|src\/(player|live)\/|socket|\/(common|player)\.json$/;
/**
 * Loaded on demand (settings, speech, review, overlong questions), and answer types that few
 * players meet: multiple, typed, order.
 */
const BESIDE_IT =
  /src\/player\/(settings\/|review\/|answers\/|WholeQuestion|SolutionText|screens\/)|_(speech|(Multiple|Order|Typed)Answer)-/;

const manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', DIST), 'utf8'));

function filesOf(locale) {
  const files = new Set();
  const visit = (key) => {
    const language = /\/locales\/(\w+)\//.exec(key)?.[1];
    if (language && language !== locale) return;
    const chunk = manifest[key];
    if (!chunk) throw new Error(`The build has no ${key}.`);
    if (files.has(chunk.file)) return;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    chunk.imports?.forEach(visit);
    chunk.dynamicImports
      ?.filter((next) => ON_THE_WAY.test(next) && !BESIDE_IT.test(next))
      .forEach(visit);
  };
  visit('index.html');
  return [...files];
}

async function weigh(file) {
  return gzipSync(await readFile(new URL(file, DIST)), { level: 9 }).length;
}

let heaviest = 0;
for (const locale of LOCALES) {
  const weighed = await Promise.all(
    filesOf(locale).map(async (file) => ({ file, bytes: await weigh(file) })),
  );
  heaviest = Math.max(
    heaviest,
    weighed.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  if (process.argv.includes('--list') && locale === LOCALES[0])
    for (const { file, bytes } of weighed.sort((one, other) => other.bytes - one.bytes))
      console.log(String(bytes).padStart(6), file);
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `A player's first visit: ${kilobytes(heaviest)} of JavaScript and CSS, gzipped; ` +
    `the limit is ${kilobytes(LIMIT_BYTES)}.`,
);
if (heaviest > LIMIT_BYTES) process.exit(1);
