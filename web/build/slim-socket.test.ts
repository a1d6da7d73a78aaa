import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { UNUSED } from './slim-socket.ts';

const PACKAGES = join(import.meta.dirname, '../node_modules');
const IMPORT = /^(?:import|export) \{([^}]+)\} from "([^"]+)"/gm;
const STUBBED = /(?:class|const) (\w+)|, (\w+) =/g;

/** The specifiers by which a package's modules import the module `id`. */
function wanted(home: string, id: string): string[] {
  const build = join(PACKAGES, home, 'build/esm');
  const modules = readdirSync(build, { recursive: true, encoding: 'utf8' });
  return modules
    .filter((path) => path.endsWith('.js'))
    .flatMap((path) => [...readFileSync(join(build, path), 'utf8').matchAll(IMPORT)])
    .filter(([, , from]) => from === id)
    .flatMap(([, names]) =>
      (names ?? '').split(',').map((name) => name.trim().split(' ')[0] ?? ''),
    );
}

describe('a module left out of the Socket.IO client', () => {
  it.each(
    Object.entries(UNUSED).flatMap(([home, parts]) => Object.keys(parts).map((id) => [home, id])),
  )('is what the installed %s imports as %s', (home = '', id = '') => {
    const names = wanted(home, id);
    const stub = UNUSED[home]?.[id] ?? '';
    const given = [...stub.matchAll(STUBBED)].map(([, first, second]) => first ?? second);
    expect(names).not.toEqual([]);
    expect(given).toEqual(expect.arrayContaining(names));
  });
});
