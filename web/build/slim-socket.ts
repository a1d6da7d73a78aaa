import type { Plugin } from 'vite';

/**
 * Parts of the Socket.IO client that this client has no use for, by the package they belong to. A test
 * holds them to what the installed packages import.
 */
export const UNUSED: Record<string, Record<string, string>> = {
  // no gateway speaks WebTransport, and polling goes by XMLHttpRequest
  'engine.io-client/': {
    './webtransport.js': 'export class WT {}',
    './transports/webtransport.js': 'export class WT {}',
    './transports/polling-fetch.js': 'export class Fetch {}',
  },
  // no message is binary
  'socket.io-parser/': {
    './binary.js': 'export const deconstructPacket = null, reconstructPacket = null;',
    './is-binary.js': 'export const isBinary = () => false, hasBinary = () => false;',
  },
};
const PREFIX = '\0unused:';

/** Leaves them out of the built client. */
export function slimSocket(): Plugin {
  return {
    name: 'quizrun-slim-socket',
    apply: 'build',
    enforce: 'pre',
    resolveId(id, importer = '') {
      const home = Object.keys(UNUSED).find((name) => importer.includes(`/${name}`));
      return home && id in (UNUSED[home] ?? {}) ? `${PREFIX}${home}${id}` : null;
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const [home = '', file = ''] = id.slice(PREFIX.length).split(/(?<=\/)(?=\.\/)/);
      return UNUSED[home]?.[file] ?? null;
    },
  };
}
