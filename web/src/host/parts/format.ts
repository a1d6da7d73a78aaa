/** Times and percentages in the host's language. */
import { useI18n } from '@/i18n/use';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

export function useFormat() {
  const { locale, n, d } = useI18n();

  /** Relative time, or the date if long ago. */
  function ago(at_ms: number, now_ms = Date.now()): string {
    const gone_ms = Math.max(0, now_ms - at_ms);
    const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
    if (gone_ms < MINUTE_MS) return relative.format(-Math.floor(gone_ms / 1000), 'second');
    if (gone_ms < HOUR_MS) return relative.format(-Math.floor(gone_ms / MINUTE_MS), 'minute');
    if (gone_ms < DAY_MS) return relative.format(-Math.floor(gone_ms / HOUR_MS), 'hour');
    if (gone_ms < WEEK_MS) return relative.format(-Math.floor(gone_ms / DAY_MS), 'day');
    return d(at_ms, { dateStyle: 'medium' });
  }

  return {
    ago,
    moment: (at_ms: number): string => d(at_ms, { dateStyle: 'medium', timeStyle: 'short' }),
    percent: (share: number): string => n(share, { style: 'percent', maximumFractionDigits: 0 }),
    /** A duration to a tenth of a second. */
    seconds: (time_ms: number): string =>
      n(time_ms / 1000, {
        style: 'unit',
        unit: 'second',
        unitDisplay: 'narrow',
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
      }),
    minutes: (time_ms: number): string =>
      n(Math.max(1, Math.round(time_ms / MINUTE_MS)), {
        style: 'unit',
        unit: 'minute',
        unitDisplay: 'short',
      }),
  };
}
