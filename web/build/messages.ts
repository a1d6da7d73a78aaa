import { baseCompile } from '@intlify/message-compiler';
import type { Plugin } from 'vite';

const LOCALE_FILE = /\/src\/locales\/[^/]+\/([^/]+)\.json$/;
const SPECIAL = /[{}|@']/;

/**
 * Compiles the messages of `src/locales` at build time, so that browsers need no compiler, and
 * flattens their keys, as `player.entry.title`.
 */
export function messages(): Plugin {
  let building = true;
  return {
    name: 'quizrun-messages',
    enforce: 'pre',
    configResolved({ command }) {
      building = command === 'build';
    },
    transform(source, id) {
      const area = LOCALE_FILE.exec(id)?.[1];
      if (!area) return null;
      const compiled = Object.fromEntries(
        compileAll(JSON.parse(source) as Messages, area, building),
      );
      return { code: `export default ${JSON.stringify(compiled)}`, map: null, moduleType: 'js' };
    },
  };
}

interface Messages {
  [key: string]: string | Messages;
}

/** `sparing` leaves plain texts uncompiled; in development that would cause warnings. */
function compileAll(found: Messages, path: string, sparing: boolean): [string, unknown][] {
  return Object.entries(found).flatMap(([key, value]) => {
    const inside = `${path}.${key}`;
    return typeof value === 'string'
      ? [[inside, compile(value, inside, sparing)] as [string, unknown]]
      : compileAll(value, inside, sparing);
  });
}

/** Plain texts are kept; others become the AST that @intlify/core-base interprets. */
export function compile(message: string, where: string, sparing = true): unknown {
  if (sparing && !SPECIAL.test(message)) return message;
  const { ast } = baseCompile(message, {
    jit: true,
    minify: true,
    location: false,
    onError: (error) => {
      throw new Error(`${where}: ${error.message}`);
    },
  });
  return ast;
}
