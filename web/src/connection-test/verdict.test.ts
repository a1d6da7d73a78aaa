import { describe, expect, it } from 'vitest';

import { codeOf, findings, gradeOf, median, type Measured, type Way } from './verdict';

const open = (...round_trips_ms: number[]): Way => ({ open: true, round_trips_ms, lost: 0 });
const shut: Way = { open: false, round_trips_ms: [], lost: 0 };

const measured = (changes: Partial<Measured> = {}): Measured => ({
  release: 'quizrun@1',
  websocket: open(10, 12, 14),
  polling: open(20),
  clock_ms: 120,
  ...changes,
});
const found = (changes: Partial<Measured>) =>
  Object.fromEntries(findings(measured(changes)).map((one) => [one.check, one.found]));
const grade = (changes: Partial<Measured>) => gradeOf(findings(measured(changes)));
const code = (changes: Partial<Measured>) => codeOf(measured(changes));

describe('the connection test', () => {
  it('has no advice when everything works', () => {
    expect([grade({}), code({})]).toEqual(['good', 'A-W-12']);
    expect(findings(measured()).every(({ advice }) => !advice)).toBe(true);
  });

  it('reports that polling is used when WebSockets are blocked', () => {
    const blocked = { websocket: shut, polling: open(40, 60) };
    expect([grade(blocked), code(blocked)]).toEqual(['fair', 'B-P-50']);
    expect(found(blocked)).toMatchObject({ websocket: 'blocked', polling: 'fine', speed: 'fine' });
  });

  it('accepts that the fallback is blocked', () => {
    const shutSpare = { polling: shut };
    expect([grade(shutSpare), found(shutSpare).polling]).toEqual(['fair', 'spare']);
  });

  it('reports an unreachable server, without follow-up errors', () => {
    const gone = { release: null, websocket: shut, polling: shut, clock_ms: null };
    expect([grade(gone), code(gone)]).toEqual(['bad', 'C-X']);
    expect(found(gone)).toEqual({ server: 'gone' });
  });

  it('reports that neither transport opens though pages load', () => {
    const half = { websocket: shut, polling: shut, clock_ms: null };
    expect([grade(half), code(half)]).toEqual(['bad', 'C-X']);
    expect(found(half)).toEqual({ server: 'fine', websocket: 'gone', polling: 'gone' });
  });

  it.each([
    [[100, 200], 0, 'fine', 'good'],
    [[300, 400], 0, 'slow', 'fair'],
    [[100, 100, 4_000], 0, 'unsteady', 'fair'],
    [[100, 100], 1, 'unsteady', 'fair'],
    [[1_500, 1_600], 0, 'bad', 'bad'],
  ] as const)('calls round trips of %j ms with %i lost %s', (trips, lost, speed, whole) => {
    const changes = { websocket: { ...open(...trips), lost } };
    expect([found(changes).speed, grade(changes)]).toEqual([speed, whole]);
  });

  it('reports a wrong clock, which does not spoil the grade', () => {
    expect([found({ clock_ms: 400_000 }).clock, grade({ clock_ms: 400_000 })]).toEqual([
      'ahead',
      'good',
    ]);
    expect(found({ clock_ms: -90_000 }).clock).toBe('behind');
  });

  it('uses the median', () => {
    expect([median([3, 1, 2]), median([1, 2, 3, 10]), median([])]).toEqual([2, 2.5, null]);
  });
});
