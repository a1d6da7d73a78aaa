import { baseCompile } from '@intlify/message-compiler';
import type { Plugin } from 'vite';

const LOCALE_FILE = /\/src\/locales\/[^/]+\/[^/]+\.json$/;
const SPECIAL = /[{}|@']/;

/** Compiles the messages of `src/locales` while building, so that browsers need no compiler. */
export function messages(): Plugin {
  return {
    name: 'quizrun-messages',
    enforce: 'pre',
    transform(source, id) {
      if (!LOCALE_FILE.test(id)) return null;
      const compiled = compileAll(JSON.parse(source) as Messages, id);
      return { code: `export default ${JSON.stringify(compiled)}`, map: null, moduleType: 'js' };
    },
  };
}

interface Messages {
  [key: string]: string | Messages;
}

function compileAll(found: Messages, where: string): unknown {
  return Object.fromEntries(
    Object.entries(found).map(([key, value]) => [
      key,
      typeof value === 'string' ? compile(value, `${where}: ${key}`) : compileAll(value, where),
    ]),
  );
}

/** Plain texts stay as they are; others become the syntax tree that vue-i18n reads. */
export function compile(message: string, where: string): unknown {
  if (!SPECIAL.test(message)) return message;
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
