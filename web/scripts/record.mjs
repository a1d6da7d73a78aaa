/**
 * Records what a running gateway really sends, for the tests of `src/live/state.ts`: a player and a
 * host follow a short run, and after each step both come back to a fresh snapshot.
 *
 *     make up            # in another terminal
 *     node web/scripts/record.mjs
 */
import { writeFile } from 'node:fs/promises';

import { io } from 'socket.io-client';

const GATEWAY = process.env.QUIZRUN_GATEWAY ?? 'http://127.0.0.1:8000';
const OUT = new URL('../src/live/fixtures/', import.meta.url);
const QUIET_MS = 900;

const QUIZ = {
  title: 'Recorded',
  language: 'en',
  questions: [
    { type: 'single', text: 'One?', options: ['A', 'B'], correct: [0], explanation: 'It is A.' },
    { type: 'multiple', text: 'Two?', options: ['A', 'B', 'C'], correct: [0, 2] },
    { type: 'number', text: 'Three?', correct: { value: 3, tolerance: 1 } },
  ],
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function api(token, path, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const init = { method: 'POST', headers, body: body && JSON.stringify(body) };
  const response = await fetch(`${GATEWAY}/api/v1${path}`, init);
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

/** Follows a run; each `again()` reconnects and records the snapshot. */
class Watcher {
  lines = [];

  constructor(namespace, auth) {
    this.namespace = namespace;
    this.auth = auth;
  }

  async again() {
    const before = this.socket;
    const socket = io(GATEWAY + this.namespace, { auth: this.auth, forceNew: true });
    const snapshot = await new Promise((resolve, reject) => {
      socket.once('snapshot', resolve);
      socket.once('connect_error', reject);
    });
    this.socket = socket;
    before?.removeAllListeners();
    before?.disconnect();
    this.lines.push({ event: 'snapshot', message: snapshot });
    socket.onAny((event, message, own) => {
      if (message?.reason === 'replaced') return; // caused by our own reconnect
      this.lines.push({ event, message, ...(own === undefined ? {} : { own }) });
    });
  }
}

const email = `recorder-${Date.now()}@example.com`;
const account = { email, password: 'recorder-recorder', display_name: 'Recorder' };
const { access_token: token } = await api('', '/auth/register', account);
const quiz = await api(token, '/quizzes', QUIZ);
const settings = { countdown_s: 3, reveal_s: 60, auto_advance: false };
const run = await api(token, '/runs', { quiz_id: quiz.id, settings });
const command = (name) => api(token, `/runs/${run.run_id}/${name}`);

async function join(nickname) {
  const socket = io(`${GATEWAY}/play`, { forceNew: true });
  const ack = await socket.emitWithAck('join', { pin: run.pin, nickname });
  return { socket, ...ack };
}

const ada = await join('Ada');
ada.socket.disconnect();
const player = new Watcher('/play', { token: ada.token });
const host = new Watcher('/host', { token, run_id: run.run_id });

async function step(action) {
  await action();
  await pause(QUIET_MS);
  await player.again();
  await host.again();
  await pause(QUIET_MS);
}

const answer = (socket, question, given) =>
  socket.emitWithAck('answer', { question, answer: given });

/** Adds the event that the client applies itself after an acknowledgement. */
async function answerAsPlayer(question, given) {
  await answer(player.socket, question, given);
  player.lines.push({ event: 'answered', message: { question, answer: given } });
}

await player.again();
await host.again();
await pause(QUIET_MS);
const bob = await join('Bob');
await step(() => join('Carol').then(({ socket }) => socket.disconnect()));
await step(() => command('start'));
await step(() => command('pause'));
await step(() => command('resume'));
await pause(3_000);
await step(() => answer(bob.socket, 0, 1));
await step(() => command('pause'));
await step(() => command('resume'));
await step(() => answerAsPlayer(0, 0));
await step(() => command('skip').catch(() => undefined));
await step(() => command('pause'));
await step(() => command('resume'));
await step(() => command('next'));
await step(() => answerAsPlayer(1, [0]));
await step(() => command('skip'));
await step(() => api(token, `/runs/${run.run_id}/players/${bob.player_id}/kick`));
await step(() => command('next'));
await step(() => command('end'));

for (const [name, { lines, socket }] of Object.entries({ play: player, host })) {
  await writeFile(new URL(`${name}.json`, OUT), `${JSON.stringify(lines, null, 1)}\n`);
  socket.disconnect();
  console.log(`${name}: ${lines.length} messages`);
}
bob.socket.disconnect();
