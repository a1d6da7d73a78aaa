/** The browser that `deploy/local/chromium.py` finds or installs. */
import { execFileSync } from 'node:child_process';

import { PYTHON, ROOT } from './root.ts';

/** Selects a browser; the runner also passes its choice to its workers. */
const VARIABLE = 'QUIZRUN_CHROMIUM';

export const CHROMIUM_ARGS = [
  // the sandbox is unavailable to root, as in containers
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of Chromium. If there is none, prints how to install it and throws. */
export function chromiumPath(): string {
  process.env[VARIABLE] ??= execFileSync(PYTHON, ['-m', 'deploy.local.chromium'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return process.env[VARIABLE];
}
