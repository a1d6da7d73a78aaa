// Two OpenID providers (node-oidc-provider) with the library's own login pages: any password is right.
// Prints {"a": issuer, "b": issuer, "control": url} once they listen; ends with standard input.
//
//   node oidc_provider.mjs REDIRECT_URI…
//
// The name that is typed in is the subject. A login of the form `unverified-…` has an unverified address.
import { createServer } from 'node:http';
import { once } from 'node:events';

import { Provider } from 'oidc-provider';

const redirects = process.argv.slice(2);
const RealDate = Date;
let offset = 0;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [RealDate.now() + offset]));
  }
  static now() {
    return RealDate.now() + offset;
  }
};

function claimsOf(id) {
  return {
    sub: id,
    email: id.replace(/^unverified-/, ''),
    email_verified: !id.startsWith('unverified-'),
    name: 'Ada Lovelace',
    locale: 'de-AT',
  };
}

async function start(name, configuration) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'quizrun',
        client_secret: 'a-secret-of-the-tests',
        redirect_uris: redirects,
        post_logout_redirect_uris: redirects.map((uri) => `${new URL(uri).origin}/host`),
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'locale'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => claimsOf(id) }),
    pkce: { required: () => true },
    cookies: { keys: [`keys of ${name}`] },
    ...configuration,
  });
  server.on('request', provider.callback());
  return issuer;
}

// `a` puts all claims into the ID token, `b` keeps them for its userinfo endpoint.
const a = await start('a', { conformIdTokenClaims: false });
const b = await start('b', {});
const control = createServer((request, response) => {
  offset = Number(new URL(request.url, 'http://localhost').searchParams.get('offset_s')) * 1000;
  response.end('{}');
});
control.listen(0, '127.0.0.1');
await once(control, 'listening');
console.log(JSON.stringify({ a, b, control: `http://localhost:${control.address().port}` }));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
