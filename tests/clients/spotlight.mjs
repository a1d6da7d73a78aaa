/**
 * Spotlight's sidecar, which takes in what SDKs send to Sentry and tells it on `GET /stream`.
 * Its command line would report its own use to its makers; this does not.
 */
import { setupSpotlight } from '@spotlightjs/spotlight';

const server = await setupSpotlight({ port: 0, isStandalone: true });
console.log(JSON.stringify({ port: server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume(); // it ends with whoever started it
