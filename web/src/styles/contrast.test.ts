/** Contrast of colours (WCAG 1.4.3, 1.4.11), computed from the light and dark tokens. */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const light = tokensIn(css.slice(css.indexOf(':root'), css.indexOf('}')));
const dark = {
  ...light,
  ...tokensIn(css.slice(css.indexOf(":root[data-theme='dark']")).split('}')[0] ?? ''),
};
const GROUNDS = ['bg', 'surface', 'surface-2'];

function tokensIn(block: string): Record<string, string> {
  const found = block.matchAll(/--([\w-]+): (#[\da-f]{6});/g);
  return Object.fromEntries([...found].map(([, name = '', colour = '']) => [name, colour]));
}

/** Relative luminance as defined by WCAG. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(tokens: Record<string, string>, one: string, other: string): number {
  const [lighter = 0, darker = 0] = [one, other]
    .map((name) => luminance(tokens[name] ?? ''))
    .toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each([
  ['light', light],
  ['dark', dark],
])('the colours of %s', (_, tokens) => {
  it.each(GROUNDS)('are seen on %s: text by 4.5, borders and the focus by 3', (ground) => {
    for (const text of ['ink', 'ink-soft', 'brand-text'])
      expect(contrast(tokens, text, ground), text).toBeGreaterThanOrEqual(4.5);
    for (const line of ['line-strong', 'brand-text'])
      expect(contrast(tokens, line, ground), line).toBeGreaterThanOrEqual(3);
  });

  it('carry their texts', () => {
    const pairs = Array.from({ length: 8 }, (_, at) => [`on-answer-${at}`, `answer-${at}`]);
    pairs.push(['on-brand', 'brand'], ['on-sun', 'sun']);
    for (const tone of ['good', 'bad', 'warn'])
      pairs.push([tone, `${tone}-soft`], [tone, 'surface']);
    for (const [text = '', ground = ''] of pairs)
      expect(contrast(tokens, text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });
});
