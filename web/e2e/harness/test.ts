/** `test` with what every scenario needs: the stack, a host, visitors whose pages are watched. */
import {
  test as base,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test';

import { Host } from './host.ts';
import { Player } from './player.ts';
import { SlowPath } from './slow-path.ts';
import { Stack } from './stack.ts';

export { expect } from '@playwright/test';

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 720 } };

export const DEVICES = [
  ['a phone', PHONE],
  ['a computer', {}],
] as const;

/** What the network says of itself while it is cut. */
export const CUT = /net::ERR_|WebSocket connection|Failed to load resource/;

/** A host, and the browser context that they are signed in within. */
export interface Hosting {
  host: Host;
  context: BrowserContext;
}

interface Fixtures {
  stack: Stack;
  /** Opens a way to the first gateway that takes so many ms in each direction. */
  slowPath: (delay_ms: number) => Promise<SlowPath>;
  visitors: Visitors;
  hosting: Hosting;
}

export const test = base.extend<Fixtures>({
  stack: async ({}, use) => {
    await use(new Stack());
  },
  slowPath: async ({ stack }, use) => {
    const opened: SlowPath[] = [];
    await use(async (delay_ms) => {
      const path = await SlowPath.open(stack.url(), delay_ms);
      opened.push(path);
      return path;
    });
    for (const path of opened) await path.close();
  },
  // after the pages have left, the ways to them close
  visitors: async ({ browser, stack, slowPath: _ }, use) => {
    const visitors = new Visitors(
      (options) => browser.newContext({ ...DESKTOP, ...options }),
      stack,
    );
    await use(visitors);
    await visitors.leave();
  },
  hosting: async ({ visitors, stack }, use) => {
    const context = await visitors.context();
    await use({ host: await Host.signUp(context, stack.url()), context });
  },
});

/** Makes browser contexts, and holds their pages to having no faults. */
export class Visitors {
  readonly #contexts: BrowserContext[] = [];
  readonly #faults: string[] = [];
  /** Asking who is signed in, and being told that nobody is, browsers take for a fault. */
  readonly #tolerated = [/401 \(Unauthorized\)/];

  constructor(
    private readonly open: (options: BrowserContextOptions) => Promise<BrowserContext>,
    private readonly stack: Stack,
  ) {}

  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.open(options);
    this.#contexts.push(context);
    context.on('weberror', (error) => this.#fault(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') this.#fault(message.text());
    });
    return context;
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    return (await this.context(options)).newPage();
  }

  async player(options: BrowserContextOptions = {}, url = this.stack.url()): Promise<Player> {
    return new Player(await this.page(options), url);
  }

  /** The client, kept by the browser so that it opens without a network. */
  async installed(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.page({ ...options, serviceWorkers: 'allow' });
    await page.goto(this.stack.url());
    await page.evaluate(() => navigator.serviceWorker.ready);
    return page;
  }

  /** A phone that has opened the client before, and opens it again without a network. */
  async offline(): Promise<Page> {
    this.tolerate(CUT);
    const page = await this.installed(PHONE);
    await page.context().setOffline(true);
    await page.reload();
    return page;
  }

  /** Faults that the scenario causes on purpose. */
  tolerate(...patterns: RegExp[]): void {
    this.#tolerated.push(...patterns);
  }

  async leave(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    base.expect(this.#faults, 'faults in the pages').toEqual([]);
  }

  #fault(text: string): void {
    if (!this.#tolerated.some((pattern) => pattern.test(text))) this.#faults.push(text);
  }
}
