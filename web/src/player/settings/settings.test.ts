// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { OpenQuestion } from '@/protocol/messages';

import { preferences } from './preferences';
import ReadAloud from './ReadAloud.vue';

class Utterance {
  lang = '';
  voice: unknown = null;
  onend: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly text: string) {}
}

const spoken: Utterance[] = [];
const speech = {
  speak: (one: Utterance) => spoken.push(one),
  cancel: vi.fn(),
  getVoices: () => [{ lang: 'fr_FR' }, { lang: 'en-GB' }],
};

const question = { question: 0, type: 'single', text: 'Which `code`?' } as OpenQuestion;
const props = { question, options: ['one', 'two'], silent: false };

beforeEach(() => {
  spoken.length = 0;
  speech.cancel.mockClear();
  vi.stubGlobal('speechSynthesis', speech);
  vi.stubGlobal('SpeechSynthesisUtterance', Utterance);
  preferences.aloud = false;
});
afterEach(() => vi.unstubAllGlobals());

describe('reading aloud', () => {
  it('reads the question and its options when asked, and falls silent when it closes', async () => {
    const button = mount(ReadAloud, { props });
    await flushPromises();
    expect(spoken).toEqual([]);
    await button.get('button').trigger('click');
    await vi.waitFor(() => expect(spoken.length).toBe(3));
    expect(spoken.map((one) => one.text)).toEqual(['Which code?', 'one', 'two']);
    expect(spoken[0]!.lang).toBe('en');
    expect(spoken[0]!.voice).toEqual({ lang: 'en-GB' });
    speech.cancel.mockClear();
    button.unmount();
    expect(speech.cancel).toHaveBeenCalledOnce();
  });

  it('reads automatically if the player prefers, but not while paused', async () => {
    preferences.aloud = true;
    const button = mount(ReadAloud, { props });
    await vi.waitFor(() => expect(spoken.length).toBe(3));
    speech.cancel.mockClear();
    await button.setProps({ silent: true });
    expect(speech.cancel).toHaveBeenCalledOnce();
    await flushPromises();
    expect(spoken.length).toBe(3);
    button.unmount();
  });

  it('has no button when the browser has no voice, or the question is only on the big screen', () => {
    const hidden = { ...props, question: { ...question, text: '' } };
    expect(mount(ReadAloud, { props: hidden }).find('button').exists()).toBe(false);
    vi.unstubAllGlobals();
    expect(mount(ReadAloud, { props }).find('button').exists()).toBe(false);
  });
});

describe('preferences', () => {
  it('are stored on the device', async () => {
    preferences.buttons = true;
    await flushPromises();
    expect(JSON.parse(localStorage.getItem('quizrun.own')!)).toEqual({
      aloud: false,
      buttons: true,
      check: false,
    });
    preferences.buttons = false;
  });
});
