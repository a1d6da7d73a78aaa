import type { Plugin } from 'vite';

/** Transports of the Socket.IO client that no gateway speaks, or that this client does not ask for. */
const UNUSED: Record<string, string> = {
  './webtransport.js': 'export class WT {}',
  './transports/webtransport.js': 'export class WT {}',
  './transports/polling-fetch.js': 'export class Fetch {}',
};
const FROM = 'engine.io-client/build/esm/';
const PREFIX = '\0slim-socket:';

/** Leaves them out of the built client. */
export function slimSocket(): Plugin {
  return {
    name: 'quizrun-slim-socket',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id, importer) => (id in UNUSED && importer?.includes(FROM) ? PREFIX + id : null),
    load: (id) => (id.startsWith(PREFIX) ? UNUSED[id.slice(PREFIX.length)] : null),
  };
}
