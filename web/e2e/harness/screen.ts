/** Page object for the big screen. */
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

export class Screen {
  constructor(readonly page: Page) {}

  /** Open it in the signed-in host's browser context. */
  static async open(context: BrowserContext, url: string, runId: string): Promise<Screen> {
    const screen = new Screen(await context.newPage());
    await screen.page.goto(`${url}/screen/${runId}`);
    return screen;
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  /** The visible content, without screen reader announcements. */
  get main(): Locator {
    return this.page.getByRole('main');
  }

  get players(): Locator {
    return this.page.getByTestId('players');
  }

  get answered(): Locator {
    return this.page.getByTestId('answered');
  }

  option(text: string): Locator {
    return this.page.getByTestId('options').getByRole('listitem').filter({ hasText: text });
  }

  sees(question: string): Promise<void> {
    return expect(this.heading(question)).toBeVisible();
  }
}
