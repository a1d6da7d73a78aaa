import { describe, expect, it } from 'vitest';

import { joinAddress } from './join-address';

const pin = '482913';

describe('the join address', () => {
  it('is the server’s configured address', () => {
    const address = joinAddress(
      new URL('http://192.168.1.5:8000/screen/x'),
      'http://localhost:8000/join/482913',
      pin,
    );
    expect(address).toEqual({
      shown: '192.168.1.5:8000',
      url: 'http://192.168.1.5:8000/join/482913',
      loopback: false,
    });
  });

  it.each(['http://localhost:8000/screen/x', 'http://127.0.0.1:8000/screen/x'])(
    'is the configured one when the page is at %s',
    (page) => {
      const address = joinAddress(new URL(page), 'https://quiz.example/play/join/482913', pin);
      expect(address).toEqual({
        shown: 'quiz.example/play',
        url: 'https://quiz.example/play/join/482913',
        loopback: false,
      });
    },
  );

  it.each([
    ['http://localhost:8000/', true],
    ['http://127.0.0.1/', true],
    ['http://[::1]:8000/', true],
    ['http://quiz.localhost/', true],
    ['http://192.168.1.5:8000/', false],
    ['http://127.example.org/', false],
    ['http://localhost.example/', false],
  ])('tells whether phones cannot reach %s', (page, loopback) => {
    expect(joinAddress(new URL(page), null, pin).loopback).toBe(loopback);
  });

  it('is the page’s own while the server’s is unknown', () => {
    const address = joinAddress(new URL('http://localhost:8000/screen/x'), null, pin);
    expect(address.url).toBe('http://localhost:8000/join/482913');
  });
});
