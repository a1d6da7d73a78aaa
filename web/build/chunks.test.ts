import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { describe, expect, it } from 'vitest';

import { BASE, chunks, GAME } from './chunks.ts';

const SRC = join(import.meta.dirname, '../src');
const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(ts|vue)$/.test(path) && !path.endsWith('.test.ts'),
);
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)'/gm;

/** All modules that `boot.ts` imports, transitively, without types. */
function importsOf(path: string, found = new Set<string>()): Set<string> {
  for (const [, name] of readFileSync(join(SRC, path), 'utf8').matchAll(IMPORT)) {
    const target = name?.startsWith('@/')
      ? name.slice(2)
      : name?.startsWith('.')
        ? relative(SRC, join(SRC, dirname(path), name))
        : null;
    const file = modules.find((one) => one === `${target}.ts` || one === `${target}/index.ts`);
    if (!file || found.has(file)) continue;
    found.add(file);
    importsOf(file, found);
  }
  return found;
}

describe('the chunk lists', () => {
  it.each([...BASE, ...GAME])('name something: %s', (path) => {
    expect(modules.some((module) => module.startsWith(path))).toBe(true);
  });

  it('contain no module of the entry, which runs first', () => {
    const early = [...importsOf('boot.ts')];
    expect(early).toContain('shell/shell.ts');
    for (const module of early)
      for (const { name, test } of chunks)
        expect([name, module, typeof test === 'function' && test(`/src/${module}`)]).toEqual([
          name,
          module,
          false,
        ]);
  });
});
