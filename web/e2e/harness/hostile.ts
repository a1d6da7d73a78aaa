/** What somebody may type or paste to see what happens. */
import { expect, type Locator, type Page } from '@playwright/test';

export const SCRIPT = '<script>window.hacked = 1</script>';
export const IMAGE = '<img src=x onerror="window.hacked = 1">';
export const HUNDRED_KB = 'word '.repeat(20_000);

/** As if by Ctrl+V: at once, within the field's own limits. */
export async function paste(field: Locator, text: string): Promise<void> {
  await field.focus();
  await field.page().keyboard.insertText(text);
}

/** 100 KB into each field of a part of a page; none keeps more than the longest text that is allowed. */
export async function pasteEverywhere(part: Locator | Page, longest = 2_000): Promise<number> {
  const fields = await part
    .locator('input:not([type=radio], [type=checkbox], [type=file]), textarea')
    .all();
  for (const field of fields) {
    await paste(field, HUNDRED_KB);
    expect((await field.inputValue()).length).toBeLessThanOrEqual(longest);
  }
  return fields.length;
}

/** No script of somebody else's has run. */
export async function isUntouched(...pages: Page[]): Promise<void> {
  for (const page of pages) expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
}
