/** The real stack, as started by `make up`, on free ports and in its own directory. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { OpenIdProvider } from './openid.ts';
import { QUIZRUN, ROOT } from './root.ts';

const GATEWAYS = 2;
const START_MS = 300_000;
const STOP_MS = 40_000;
const LOOK_MS = 100;

interface StackFile {
  ready: boolean;
  processes: { name: string; pid: number; health_url: string; restarts: number }[];
}

/** Start the stack and wait until it is ready. */
export async function startStack(): Promise<RunningStack> {
  const directory = await mkdtemp(join(tmpdir(), 'quizrun-e2e-'));
  const port = await freePorts(GATEWAYS + 1);
  const openid = await OpenIdProvider.start(`http://localhost:${port}`);
  const log = await open(join(directory, 'up.log'), 'a');
  const child = spawn(QUIZRUN, ['up', '--no-sample', '--gateways', String(GATEWAYS)], {
    cwd: ROOT,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      ...process.env,
      QUIZRUN_DATA_DIR: directory,
      QUIZRUN_HTTP_PORT: String(port),
      QUIZRUN_OIDC_PROVIDERS: JSON.stringify([openid.settings]),
      QUIZRUN_TEMPORAL_UI_PORT: String(port + GATEWAYS),
    },
  });
  await log.close();
  const stack = new RunningStack(child, directory, port, openid);
  try {
    await stack.ready();
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return stack;
}

class RunningStack {
  constructor(
    private readonly child: ChildProcess,
    readonly directory: string,
    readonly port: number,
    private readonly openid: OpenIdProvider,
  ) {}

  async ready(): Promise<void> {
    const until_ms = Date.now() + START_MS;
    while (!(await stackFile(this.directory))?.ready) {
      if (this.child.exitCode !== null || Date.now() > until_ms) {
        const log = await readFile(join(this.directory, 'up.log'), 'utf8').catch(() => '');
        throw new Error(`The stack has not started:\n${log.slice(-4_000)}`);
      }
      await sleep(LOOK_MS);
    }
  }

  /** Stop the stack and remove its data. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.kill('SIGTERM'))
      await Promise.race([ended, sleep(STOP_MS).then(() => this.child.kill('SIGKILL'))]);
    this.openid.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Access to the running stack for tests. */
export class Stack {
  static readonly DIRECTORY = 'QUIZRUN_E2E_DIRECTORY';
  static readonly PORT = 'QUIZRUN_E2E_PORT';

  readonly #directory = process.env[Stack.DIRECTORY] ?? '';
  readonly #port = Number(process.env[Stack.PORT]);

  /** The address of a gateway, counted from 0. */
  url(gateway = 0): string {
    return `http://localhost:${this.#port + gateway}`;
  }

  /** Make an account an admin with the operator's command. */
  async makeAdmin(email: string): Promise<void> {
    const env = { ...process.env, QUIZRUN_DATA_DIR: this.#directory };
    await promisify(execFile)(QUIZRUN, ['role', email, 'admin'], { cwd: ROOT, env });
  }

  /** Kill a gateway with SIGKILL; `back` resolves when the supervisor has restarted it. */
  async killGateway(gateway: number): Promise<{ back: Promise<void> }> {
    const before = await this.#gateway(gateway);
    process.kill(before.pid, 'SIGKILL');
    return { back: this.#isBack(gateway, before.pid) };
  }

  async #isBack(gateway: number, pid: number): Promise<void> {
    for (;;) {
      const now = await this.#gateway(gateway);
      const answers =
        now.pid !== pid && (await fetch(now.health_url).catch(() => null))?.ok === true;
      if (answers) return;
      await sleep(LOOK_MS);
    }
  }

  async #gateway(gateway: number): Promise<StackFile['processes'][number]> {
    const name = `gateway-${gateway + 1}`;
    const found = (await stackFile(this.#directory))?.processes.find((one) => one.name === name);
    if (!found) throw new Error(`There is no ${name}.`);
    return found;
  }
}

async function stackFile(directory: string): Promise<StackFile | null> {
  try {
    return JSON.parse(await readFile(join(directory, 'stack.json'), 'utf8')) as StackFile;
  } catch {
    return null; // not written yet
  }
}

// Above the ports of the stack's own servers, below the ephemeral ports.
const FIRST_PORT = 30_000;
const PORTS = 2_700;
const TRIES = 50;

/** The first of `count` consecutive free ports. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const first = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const ports = Array.from({ length: count }, (_, place) => first + place);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error('There are no free ports.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
