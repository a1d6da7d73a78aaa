/** Grades the measurements of a device and builds the code to read out to the host. */

/** A transport: whether it opens, and the round-trip times. */
export interface Way {
  open: boolean;
  round_trips_ms: number[];
  /** Rounds without a reply. */
  lost: number;
}

export interface Measured {
  /** The server's release; null if no page can be fetched. */
  release: string | null;
  websocket: Way;
  polling: Way;
  /** Device clock minus server clock; null without a reply. */
  clock_ms: number | null;
}

export type Grade = 'good' | 'fair' | 'bad';

/** Texts: `connection-test.<check>.<found>`, and `…_do` if there is advice. */
export interface Finding {
  check: 'server' | 'websocket' | 'polling' | 'speed' | 'clock';
  grade: Grade;
  found: string;
  values: Record<string, string | number>;
  advice: boolean;
}

const QUICK_MS = 250;
const SLOW_MS = 1_000;
const STALL_MS = 2_500;
/** Quizrun uses the server's clock, but beyond this offset other sites fail. */
const CLOCK_MS = 60_000;

export function median(values: number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  const [lower, upper] = [(sorted.length - 1) >> 1, sorted.length >> 1].map((at) => sorted[at]);
  return lower === undefined || upper === undefined ? null : (lower + upper) / 2;
}

/** The transport that a quiz would use. */
export function wayOf(measured: Measured): 'websocket' | 'polling' | null {
  if (measured.websocket.open) return 'websocket';
  return measured.polling.open ? 'polling' : null;
}

export function findings(measured: Measured): Finding[] {
  const { release } = measured;
  const way = wayOf(measured);
  const server: Finding = {
    check: 'server',
    grade: release === null ? 'bad' : 'good',
    found: release === null ? 'gone' : 'fine',
    values: { release: release ?? '' },
    advice: release === null,
  };
  if (release === null && way === null) return [server];
  return [server, websocket(measured), polling(measured), ...speed(measured), ...clock(measured)];
}

function websocket({ websocket: { open }, polling }: Measured): Finding {
  const grade = open ? 'good' : polling.open ? 'fair' : 'bad';
  const found = open ? 'fine' : polling.open ? 'blocked' : 'gone';
  return { check: 'websocket', grade, found, values: {}, advice: !open };
}

function polling({ websocket, polling: { open } }: Measured): Finding {
  const grade = open ? 'good' : websocket.open ? 'fair' : 'bad';
  const found = open ? 'fine' : websocket.open ? 'spare' : 'gone';
  return { check: 'polling', grade, found, values: {}, advice: false };
}

function speed(measured: Measured): Finding[] {
  const way = wayOf(measured);
  const { round_trips_ms, lost } = way ? measured[way] : { round_trips_ms: [], lost: 0 };
  const middle_ms = median(round_trips_ms);
  if (middle_ms === null) return [];
  const worst_ms = Math.max(...round_trips_ms);
  const values = { median: Math.round(middle_ms), worst: Math.round(worst_ms), lost };
  const steady = !lost && worst_ms <= STALL_MS;
  const grade = middle_ms > SLOW_MS ? 'bad' : middle_ms > QUICK_MS || !steady ? 'fair' : 'good';
  const found =
    middle_ms > SLOW_MS ? 'bad' : !steady ? 'unsteady' : middle_ms > QUICK_MS ? 'slow' : 'fine';
  return [{ check: 'speed', grade, found, values, advice: grade !== 'good' }];
}

function clock({ clock_ms }: Measured): Finding[] {
  if (clock_ms === null) return [];
  const off = Math.abs(clock_ms) > CLOCK_MS;
  const values = { seconds: Math.round(Math.abs(clock_ms) / 1000) };
  const found = off ? (clock_ms > 0 ? 'ahead' : 'behind') : 'fine';
  // never worse than fair, since answers are timed by the server
  return [{ check: 'clock', grade: off ? 'fair' : 'good', found, values, advice: off }];
}

export function gradeOf(found: Finding[]): Grade {
  const able = found.some(({ check, grade }) => check === 'websocket' && grade !== 'bad');
  if (!able || found.some(({ grade }) => grade === 'bad')) return 'bad';
  return found.some(({ check, grade }) => grade === 'fair' && check !== 'clock') ? 'fair' : 'good';
}

const LETTER: Record<Grade, string> = { good: 'A', fair: 'B', bad: 'C' };

/**
 * A short code to read out: grade (A to C), transport (W: WebSocket, P: polling, X: none), median
 * round trip in ms, such as `A-W-12`.
 */
export function codeOf(measured: Measured): string {
  const way = wayOf(measured);
  const grade = LETTER[gradeOf(findings(measured))];
  if (!way) return `${grade}-X`;
  const middle_ms = median(measured[way].round_trips_ms);
  const took = middle_ms === null ? '?' : Math.max(1, Math.round(middle_ms));
  return `${grade}-${way === 'websocket' ? 'W' : 'P'}-${took}`;
}
