import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue';

import type { HostState } from '@/live/state';
import { dismiss, toasts } from '@/ui/toasts';

import { hostState } from './testing';
import { useCommands, type Commands } from './use-commands';

/** Records sent requests and controls their replies. */
const net = {
  sent: [] as string[],
  answers: [] as (Response | Promise<Response>)[],
};
const done = () => Response.json({});
const refused = (status: number, code: string) =>
  Response.json({ code, detail: 'no', retryable: false }, { status });

let scope: EffectScope;
let state: { value: HostState | null };
let commands: Commands;

beforeEach(() => {
  net.sent = [];
  net.answers = [];
  vi.stubGlobal('fetch', (request: Request) => {
    net.sent.push(
      new URL(request.url, 'http://localhost').pathname.replace('/api/v1/runs/run/', ''),
    );
    return Promise.resolve(net.answers.shift() ?? done());
  });
  scope = effectScope();
  scope.run(() => {
    const now = shallowRef<HostState | null>(hostState({ phase: 'reveal' }, 0));
    state = now;
    commands = useCommands(
      () => 'run',
      () => now.value,
    );
  });
});

afterEach(() => {
  scope.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  for (const shown of toasts.value) dismiss(shown.id);
});

describe('a command', () => {
  it('cannot be sent again before it takes effect: `next` must not skip a question', async () => {
    expect(await commands.send('next')).toBe(true);
    expect(commands.busy.value).toBe('next');
    expect(await commands.send('next')).toBe(false);
    state.value = hostState({ phase: 'question' }, 1);
    await nextTick();
    expect(commands.busy.value).toBeNull();
    expect(net.sent).toEqual(['next']);
  });

  it('makes way for the next once it has taken effect, even before its reply', async () => {
    let reply: (response: Response) => void = () => undefined;
    net.answers.push(new Promise((resolve) => (reply = resolve)));
    const pausing = commands.send('pause');
    state.value = hostState({ phase: 'reveal', paused: true }, 0);
    await nextTick();
    expect(await commands.send('resume')).toBe(true);
    reply(refused(409, 'command_not_allowed'));
    expect(await pausing).toBe(false);
    expect(commands.busy.value).toBe('resume');
    expect(net.sent).toEqual(['pause', 'resume']);
  });

  it('does not block forever when no event arrives', async () => {
    vi.useFakeTimers();
    const sending = commands.send('next');
    await vi.advanceTimersByTimeAsync(0);
    await sending;
    expect(commands.busy.value).toBe('next');
    await vi.advanceTimersByTimeAsync(4_000);
    expect(commands.busy.value).toBeNull();
  });

  it('shows an error when it is refused', async () => {
    net.answers.push(refused(409, 'command_not_allowed'));
    expect(await commands.send('next')).toBe(false);
    expect(commands.busy.value).toBeNull();
    expect(toasts.value.map((shown) => shown.text)).toEqual([
      'That isn’t possible at this point in the quiz.',
    ]);
  });

  it('is no error after the end, as its aim is already reached', async () => {
    net.answers.push(refused(409, 'run_finished'));
    await commands.send('end');
    expect(toasts.value).toEqual([]);
  });
});

describe('the lock', () => {
  it('shows at once, and stays when it succeeds', async () => {
    const sending = commands.send('lock');
    expect(commands.locked.value).toBe(true);
    await sending;
    expect(commands.locked.value).toBe(true);
    state.value = hostState({ phase: 'reveal', locked: true }, 0);
    await nextTick();
    expect(commands.locked.value).toBe(true);
    state.value = hostState({ phase: 'reveal', locked: false }, 0);
    await nextTick();
    expect(commands.locked.value).toBe(false);
  });

  it('is reverted when it is refused', async () => {
    net.answers.push(refused(503, 'unavailable'), refused(503, 'unavailable'));
    net.answers.push(refused(503, 'unavailable'));
    const sending = commands.send('lock');
    expect(commands.locked.value).toBe(true);
    await sending;
    expect(commands.locked.value).toBe(false);
  });
});

describe('kicking', () => {
  it('reports whether it succeeded', async () => {
    expect(await commands.kick('a')).toBe(true);
    expect(net.sent).toEqual(['players/a/kick']);
    net.answers.push(refused(404, 'not_found'));
    expect(await commands.kick('b')).toBe(false);
  });
});
