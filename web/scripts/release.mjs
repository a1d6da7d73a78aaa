/**
 * Builds a release of the web client and uploads its source maps to Sentry:
 *
 *     SENTRY_AUTH_TOKEN=… SENTRY_ORG=… SENTRY_PROJECT=… \
 *       node scripts/release.mjs --release quizrun@0.1.0+abc1234
 *
 * Source maps are never served: they are moved from `dist` to `dist-maps` with copies of their scripts,
 * and no script references its map. The release must equal the gateways' `QUIZRUN_RELEASE`. `--dry-run`
 * shows what would be uploaded; `--no-build` uses an existing build with maps; `--dist` and `--maps`
 * set the directories.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SENTRY_CLI = ['npx', '--yes', '@sentry/cli@3.8.0'];
const NEEDED = ['SENTRY_AUTH_TOKEN', 'SENTRY_ORG', 'SENTRY_PROJECT'];
const WEB = fileURLToPath(new URL('..', import.meta.url));

const { values: options } = parseArgs({
  options: {
    release: { type: 'string' },
    dist: { type: 'string', default: join(WEB, 'dist') },
    maps: { type: 'string', default: join(WEB, 'dist-maps') },
    'dry-run': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const { release, dist, maps } = options;
const dryRun = options['dry-run'];

if (!release || !/^[^\s/\\]{1,200}$/.test(release) || release.startsWith('-'))
  stop('--release must name the release, such as quizrun@0.1.0+abc1234.');
const missing = NEEDED.filter((name) => !process.env[name]);
if (!dryRun && missing.length)
  stop(`Set ${missing.join(', ')}: where the source maps go, and the right to.`);

if (!options['no-build'])
  run(['npm', 'run', '--silent', 'build'], { cwd: WEB, env: { QUIZRUN_SOURCE_MAPS: '1' } });
const moved = await moveMaps();
if (!moved.length) stop(`There are no source maps in ${dist}.`);
await check();

console.log(`${moved.length} source maps of ${release} moved to ${maps}.`);
for (const [part, prefix] of [
  ['assets', '~/assets'],
  ['root', '~/'],
])
  if (moved.some((name) => name.startsWith('assets/') === (part === 'assets')))
    upload(join(maps, part), prefix);
sentry('releases', 'finalize', release);

/** Move source maps, with copies of their scripts, out of the web root. */
async function moveMaps() {
  await rm(maps, { recursive: true, force: true });
  const names = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith('.map'));
  for (const name of names) {
    const target = join(maps, name.startsWith('assets/') ? name : join('root', name));
    await mkdir(dirname(target), { recursive: true });
    await rename(join(dist, name), target);
    const script = name.replace(/\.map$/, '');
    await copyFile(join(dist, script), target.replace(/\.map$/, ''));
  }
  return names;
}

/** Check that no served file references a source map. */
async function check() {
  for (const name of await readdir(dist, { recursive: true })) {
    if (!/\.(js|css)$/.test(name)) continue;
    const text = await readFile(join(dist, name), 'utf8');
    if (/[#@] sourceMappingURL=/.test(text)) stop(`${name} names its source map.`);
  }
}

function upload(directory, prefix) {
  sentry('sourcemaps', 'upload', '--release', release, '--url-prefix', prefix, directory);
}

function sentry(...command) {
  if (dryRun) console.log(`would run: sentry-cli ${command.join(' ')}`);
  else run([...SENTRY_CLI, ...command]);
}

function run([program, ...parameters], { cwd, env = {} } = {}) {
  const { status, error } = spawnSync(program, parameters, {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  if (status !== 0) stop(`${program} ${parameters[0]} failed${error ? `: ${error.message}` : ''}.`);
}

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
