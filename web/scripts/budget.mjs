/**
 * What a player's first visit weighs: the JavaScript and CSS that the built client loads for the
 * entry page and the game, in one language, gzipped. Fails above the limit.
 */
import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 90_000;
const ASSETS = new URL('../dist/assets/', import.meta.url);
const LOCALES = ['en', 'fr', 'de', 'es'];

const manifest = JSON.parse(
  await readFile(new URL('../dist/.vite/manifest.json', import.meta.url), 'utf8'),
);

/** What is loaded on the way from the entry to a player's last screen. */
const ENTRIES = ['index.html', 'src/main.ts', 'src/player/PlayPage.vue', 'src/live/play.ts'];
const LAZY = Object.keys(manifest).filter((key) => key.includes('socket.io-client'));
const AREAS = ['common', 'player'];

function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no ${key}.`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const css of chunk.css ?? []) found.add(css);
  for (const imported of chunk.imports ?? []) filesOf(imported, found);
  return found;
}

async function weight(file) {
  return gzipSync(await readFile(new URL(`../dist/${file}`, import.meta.url)), { level: 9 }).length;
}

let heaviest = 0;
for (const locale of LOCALES) {
  const texts = AREAS.map((area) => `src/locales/${locale}/${area}.json`);
  const files = new Set();
  for (const key of [...ENTRIES, ...LAZY, ...texts]) filesOf(key, files);
  const sizes = await Promise.all([...files].map(async (file) => [await weight(file), file]));
  const total = sizes.reduce((sum, [bytes]) => sum + bytes, 0);
  if (process.argv.includes('--list') && locale === 'en')
    for (const [bytes, file] of sizes.sort((a, b) => b[0] - a[0])) console.log(bytes, file);
  heaviest = Math.max(heaviest, total);
}
const count = (await readdir(ASSETS)).length;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `A player's first visit: ${kilobytes(heaviest)} of JavaScript and CSS, gzipped; ` +
    `the limit is ${kilobytes(LIMIT_BYTES)} (${count} built files).`,
);
if (heaviest > LIMIT_BYTES) process.exit(1);
