import { describe, expect, it } from 'vitest';

import { typeset } from './formula';

const HOSTILE = [
  '\\href{javascript:alert(1)}{x}',
  '\\url{javascript:alert(1)}',
  '\\includegraphics{https://evil.example/x.png}',
  '\\htmlId{app}{x}',
  '\\htmlStyle{position: fixed; inset: 0}{x}',
  '\\htmlData{onclick=alert(1)}{x}',
  '\\text{<img src=x onerror=alert(1)><script>alert(1)</script>}',
  '\\def\\a{\\a\\a}\\a',
  'x'.repeat(20) + '\\unknown',
];

describe('a formula', () => {
  it.each(HOSTILE)('contains no link, picture, attribute or script: %s', async (tex) => {
    const made = await typeset(tex, false);
    const risky = made?.querySelectorAll(
      'a, img, script, iframe, object, [id], [onclick], [data-onclick]',
    );
    expect(risky?.length ?? 0).toBe(0);
    expect(made?.querySelector('[style*="position: fixed"]') ?? null).toBeNull();
  });

  it('is typeset otherwise', async () => {
    expect((await typeset('x^2', true))?.querySelector('.katex-display')).not.toBeNull();
  });
});
