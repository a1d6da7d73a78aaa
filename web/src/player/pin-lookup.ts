/** Asking whether there is a quiz with a PIN, before a name is typed for it. */
import type { components } from '@/protocol/http';

type WayIn = components['schemas']['WayIn'];

/** The answer is a kindness: joining itself says what is wrong where it comes too late. */
const PATIENCE_MS = 3_000;

/** How the run with this PIN is joined; `null` where that cannot be told just now. */
export async function lookUpPin(pin: string): Promise<WayIn | 'pin_unknown' | null> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`/api/v1/join/${pin}`, { signal });
    const found: unknown = await response.json();
    if (response.ok) return found as WayIn;
    return (found as { code?: string }).code === 'pin_unknown' ? 'pin_unknown' : null;
  } catch {
    return null;
  }
}
