/** The browser: the one that `deploy/local/chromium.py` finds or installs. */
import { execFileSync } from 'node:child_process';

import { PYTHON, ROOT } from './root.ts';

/** Names a browser; also what the runner passes on to those that it starts. */
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

/** Where Chromium is. Throws, after a sentence on what to install, when there is none. */
export function chromiumPath(): string {
  process.env[VARIABLE] ??= execFileSync(PYTHON, ['-m', 'deploy.local.chromium'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return process.env[VARIABLE];
}
