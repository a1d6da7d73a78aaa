/** Page object for the host console. */
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

type Control =
  | 'Start'
  | 'Pause'
  | 'Resume'
  | 'Next question'
  | 'Open the answers'
  | 'Standings'
  | 'End the break'
  | 'Show final results'
  | 'End question now'
  | 'Lock'
  | 'Unlock'
  | 'End';

export class Console {
  constructor(readonly page: Page) {}

  /** Open it in the signed-in host's browser context. */
  static async open(context: BrowserContext, url: string, runId: string): Promise<Console> {
    const console = new Console(await context.newPage());
    await console.page.goto(`${url}/host/runs/${runId}`);
    await expect(console.controls).toBeVisible();
    return console;
  }

  get controls(): Locator {
    return this.page.getByRole('group', { name: 'Controls' });
  }

  get main(): Locator {
    return this.page.getByRole('main');
  }

  /** The PIN's digits, without grouping and isolation characters. */
  async pin(): Promise<string> {
    return (await this.page.getByText(/^PIN\W+\d/).innerText()).replace(/\D/g, '');
  }

  press(control: Control): Promise<void> {
    return this.controls.getByRole('button', { name: control, exact: true }).click();
  }

  sees(question: string): Promise<void> {
    return expect(this.page.getByRole('heading', { name: question })).toBeVisible();
  }

  /** The chart's bar of an option. */
  bar(text: string): Locator {
    return this.main.getByRole('listitem').filter({ hasText: text });
  }
}
