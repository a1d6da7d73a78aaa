import { enableAutoUnmount, flushPromises } from '@vue/test-utils';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import { clockOf } from './playing';
import SoundPlayer from './SoundPlayer.vue';

beforeAll(() => withTexts());
enableAutoUnmount(afterEach);

const play = vi.fn<() => Promise<void>>();
const pause = vi.fn<() => void>();
beforeEach(() => {
  play.mockReset().mockResolvedValue();
  pause.mockReset();
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(play);
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockImplementation(pause);
});

const SOUND = { url: '/media/a', text: 'A gull calls', duration_ms: 65_000 };

async function player(props: Record<string, unknown> = {}) {
  const wrapper = mountWithTexts(SoundPlayer, { sound: SOUND, ...props });
  await flushPromises();
  const audio = wrapper.find('audio');
  const is = async (event: string, state: Partial<HTMLAudioElement>): Promise<void> => {
    for (const [name, value] of Object.entries(state))
      Object.defineProperty(audio.element, name, { value, configurable: true, writable: true });
    await audio.trigger(event);
  };
  return { wrapper, audio, is, button: (name: string) => wrapper.find(`[aria-label="${name}"]`) };
}

describe('a sound', () => {
  it('plays on demand only', async () => {
    const { audio, button, is } = await player();
    expect(play).not.toHaveBeenCalled();
    expect(audio.attributes('preload')).toBe('none');
    expect(audio.attributes('autoplay')).toBeUndefined();
    await button('Play the sound').trigger('click');
    expect(play).toHaveBeenCalledOnce();
    await is('play', { paused: false });
    await button('Pause the sound').trigger('click');
    expect(pause).toHaveBeenCalled();
  });

  it('shows its position, and seeks', async () => {
    const { wrapper, audio, is } = await player();
    const track = wrapper.find<HTMLInputElement>('input');
    expect(track.attributes('aria-valuetext')).toBe('0:00 of 1:05');
    await is('timeupdate', { currentTime: 12.3, duration: 65, paused: false });
    expect(track.attributes('aria-valuetext')).toBe('0:12 of 1:05');
    await track.setValue('30');
    expect((audio.element as HTMLAudioElement).currentTime).toBe(30);
  });

  it('is paused with the run, and continues afterwards', async () => {
    const { wrapper, button, is } = await player();
    await button('Play the sound').trigger('click');
    await is('play', { paused: false });
    await wrapper.setProps({ silent: true });
    expect(pause).toHaveBeenCalledOnce();
    await is('pause', { paused: true });
    expect(button('Play the sound').attributes('disabled')).toBeDefined();
    await wrapper.setProps({ silent: false });
    expect(play).toHaveBeenCalledTimes(2);
  });

  it('that was not started stays silent after a pause', async () => {
    const { wrapper } = await player();
    await wrapper.setProps({ silent: true });
    await wrapper.setProps({ silent: false });
    expect(play).not.toHaveBeenCalled();
  });

  it('plays automatically once if requested', async () => {
    const { wrapper, is } = await player({ auto: false });
    await wrapper.setProps({ auto: true });
    expect(play).toHaveBeenCalledOnce();
    await is('ended', { paused: true, ended: true });
    expect(play).toHaveBeenCalledOnce();
  });

  it('waits for a tap if the browser blocks autoplay', async () => {
    play.mockRejectedValue(new DOMException('no gesture', 'NotAllowedError'));
    const { wrapper } = await player({ auto: true });
    expect(wrapper.find('[role=alert]').exists()).toBe(false);
  });

  it('that does not load shows a message', async () => {
    const { wrapper, is } = await player();
    await is('error', {});
    expect(wrapper.find('[role=alert]').text()).toBe('This sound can’t be played here.');
    expect(wrapper.find('.text').classes()).not.toContain('visually-hidden');
  });

  it('shows its transcript on demand, which screen readers always have', async () => {
    const { wrapper, button } = await player();
    const [words, text] = [button('Transcript'), wrapper.find('.text')];
    expect(text.text()).toContain('A gull calls');
    expect(text.classes()).toContain('visually-hidden');
    await words.trigger('click');
    expect(words.attributes('aria-expanded')).toBe('true');
    expect(text.classes()).not.toContain('visually-hidden');
    await words.trigger('keydown', { key: 'Escape' });
    expect(text.classes()).toContain('visually-hidden');
  });

  it('is played by the A key if enabled', async () => {
    await player({ shortcut: true });
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    expect(play).toHaveBeenCalledOnce();
  });

  it('stops with its question', async () => {
    const { wrapper } = await player();
    wrapper.unmount();
    expect(pause).toHaveBeenCalledOnce();
  });
});

it('times are in minutes and seconds', () => {
  expect([0, 9.97, 65, 600].map(clockOf)).toEqual(['0:00', '0:10', '1:05', '10:00']);
});
