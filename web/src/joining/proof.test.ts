import { createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import { describe, expect, it } from 'vitest';

import { prove } from './proof';

const SECRETS = { hmacSignatureSecret: 'one', hmacKeySignatureSecret: 'another' };

function challenge() {
  return createChallenge({
    algorithm: 'PBKDF2/SHA-256',
    cost: 10,
    counter: 25,
    deriveKey,
    ...SECRETS,
  });
}

describe('the proof of work', () => {
  it('is one that ALTCHA accepts', async () => {
    const made = await challenge();
    const proof = JSON.parse(atob(await prove(made))) as Parameters<typeof verifySolution>[0];
    expect(await verifySolution({ ...proof, deriveKey, ...SECRETS })).toMatchObject({
      verified: true,
    });
  });

  it('is not attempted with an algorithm that the browser lacks', async () => {
    const made = await challenge();
    made.parameters.algorithm = 'ARGON2ID';
    await expect(prove(made)).rejects.toThrow();
  });
});
