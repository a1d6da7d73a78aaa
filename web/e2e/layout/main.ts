/** The player's real screens with states set by a test, without a server. */
import '@/styles/index.css';

import { createApp, h, nextTick, ref, shallowRef } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';

import { loadAreas, takeTextsFrom, type Texts } from '@/i18n';
import type { PlaySession } from '@/live/play';
import type { PlayState } from '@/live/state';
import { fetchAnswer } from '@/player/answers/lazy-answers';
import GameView from '@/player/GameView.vue';

import { faultsOf, unreachable, type Seen } from './faults.ts';
import type { Asked } from './questions.ts';

declare global {
  interface Window {
    layout: {
      show(asked: Asked): Promise<void>;
      seen(asked: Asked): Promise<Seen>;
      unreachable(asked: Asked): Promise<string[]>;
    };
  }
}

const files = import.meta.glob<Texts>('../../src/locales/*/*.json', { import: 'default' });
takeTextsFrom((locale, area) => {
  const load = files[`../../src/locales/${locale}/${area}.json`];
  if (!load) throw new Error(`There are no texts for ${area}.`);
  return load();
});
await loadAreas('common', 'player', 'errors');

const LIMIT_MS = 20_000;
let shown = 0;
const state = shallowRef<PlayState>(stateOf({ type: 'slide', text: 'Nothing yet' }));
const session = {
  connection: { clock: { now: () => Date.now() }, link: ref('online') },
  outbox: { current: ref(null) },
  answer: () => undefined,
} as unknown as PlaySession;

function stateOf({ language = 'en', picture = false, sound = false, ...asked }: Asked): PlayState {
  return {
    run_id: 'a-run',
    pin: '482913',
    title: 'A quiz',
    language,
    phase: 'question',
    paused: false,
    locked: false,
    version: 1,
    server_ms: Date.now(),
    players: 35,
    question_count: 12,
    progress: { question: shown, answered: 12, players: 35 },
    newcomers: [],
    ranks_before: {},
    you: {
      player_id: 'me',
      nickname: 'Maximiliane',
      score: 12_345,
      rank: 3,
      streak: 0,
      answered: false,
    },
    question: {
      question: shown,
      question_count: 12,
      points: 1000,
      time_limit_ms: LIMIT_MS,
      opens_at: Date.now() - 1_000,
      closes_at: Date.now() + LIMIT_MS,
      paused_ms: 0,
      ...asked,
      ...(picture ? { media: { url: '/picture.svg', alt: 'A mark' } } : {}),
      ...(sound ? { audio: { url: '/sound.wav', text: 'A bell', duration_ms: 65_000 } } : {}),
    },
  };
}

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:path(.*)*', component: { render: () => null } }],
});
createApp({ render: () => h(GameView, { session, state: state.value }) })
  .use(router)
  .mount('#app');
await document.fonts.load('700 16px "Gabarito Variable"');
await document.fonts.ready;

/** The row of a sound comes by itself; then the question is fitted anew. */
async function soundLaid(): Promise<void> {
  const frame = (): Promise<number> => new Promise(requestAnimationFrame);
  while (!document.querySelector('.sound .track')) await frame();
  await frame();
  await frame();
}

window.layout = {
  async show(asked) {
    await fetchAnswer(asked.type);
    shown += 1;
    state.value = stateOf(asked);
    await nextTick();
    await nextTick();
    if (asked.sound) await soundLaid();
  },
  async seen(asked) {
    await this.show(asked);
    return faultsOf(asked);
  },
  async unreachable(asked) {
    await this.show(asked);
    return unreachable(asked);
  },
};
