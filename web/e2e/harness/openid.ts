/** A real OpenID provider (node-oidc-provider), with its own login pages. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from './root.ts';

export class OpenIdProvider {
  static readonly NAME = 'school';
  static readonly LABEL = 'Example School';

  private constructor(
    private readonly child: ChildProcess,
    private readonly issuer: string,
  ) {}

  /** Start a provider for the gateway at this address. */
  static async start(gateway: string): Promise<OpenIdProvider> {
    const callback = `${gateway}/auth/oidc/${OpenIdProvider.NAME}/callback`;
    const child = spawn(process.execPath, ['oidc_provider.mjs', callback], {
      cwd: join(ROOT, 'tests', 'clients'),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const lines = createInterface({ input: child.stdout });
    const said = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      child.once('exit', () => reject(new Error('The OpenID provider has not started.')));
    });
    return new OpenIdProvider(child, (JSON.parse(said) as { a: string }).a);
  }

  /** The value of `QUIZRUN_OIDC_PROVIDERS`. */
  get settings(): Record<string, unknown> {
    return {
      name: OpenIdProvider.NAME,
      label: OpenIdProvider.LABEL,
      issuer: this.issuer,
      client_id: 'quizrun',
      client_secret: 'a-secret-of-the-tests',
    };
  }

  /** Closing its standard input ends it. */
  stop(): void {
    this.child.stdin?.end();
  }
}
