/** The browser: a Chromium of the machine, installed where that can be done without asking. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Names a browser elsewhere. */
const VARIABLE = 'QUIZRUN_CHROMIUM';

export const CHROMIUM_ARGS = [
  // as root, as in containers, there is no sandbox to be had
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium is. Throws, in words on what to install, when there is none. */
export function chromiumPath(): string {
  const found = process.env[VARIABLE] ?? onPath() ?? installed();
  if (!found)
    throw new Error(
      'The browser tests need Chromium, and there is none on this machine. Install it ' +
        '(Debian and Ubuntu: `apt-get install chromium`), or name one in ' +
        `${VARIABLE}=/path/to/chromium.`,
    );
  process.env[VARIABLE] = found;
  return found;
}

function onPath(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => directories.map((directory) => join(directory, name))).find(
    isProgram,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** As root on Debian it is one command away. */
function installed(): string | undefined {
  const possible = process.getuid?.() === 0 && !spawnSync('apt-get', ['--version']).error;
  if (!possible) return undefined;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]): void => {
    execFileSync('apt-get', ['-qq', ...args], { stdio: 'inherit', env: environment });
  };
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'chromium', 'fonts-noto-color-emoji');
  } catch {
    return undefined;
  }
  return onPath();
}
