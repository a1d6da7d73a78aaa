import { describe, expect, it } from 'vitest';

import { clean } from './sentry';

describe('an event', () => {
  it('keeps the error, without personal data', () => {
    const event = clean({
      type: undefined,
      event_id: '9ec79c33ec9942ab8353589fcb2e04dc',
      release: 'quizrun@1.0.0',
      environment: 'testing',
      user: { ip_address: '192.0.2.1' },
      extra: { anything: 'typed' },
      exception: { values: [{ type: 'Error', value: 'no ada@example.org' }] },
      request: {
        url: 'https://quiz.example/join/424242?token=abc#x',
        query_string: 'token=abc',
        headers: { 'User-Agent': 'Firefox', Referer: 'https://mail.example/ada' },
      },
    });
    expect(event).toEqual({
      event_id: '9ec79c33ec9942ab8353589fcb2e04dc',
      release: 'quizrun@1.0.0',
      environment: 'testing',
      exception: { values: [{ type: 'Error', value: 'no [email]' }] },
      request: { url: 'https://quiz.example/join/424242', headers: { 'User-Agent': 'Firefox' } },
    });
  });
});
