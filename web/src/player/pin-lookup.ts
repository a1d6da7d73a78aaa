/** Looks up a PIN before a nickname is typed. */
import type { components } from '@/protocol/http';

export type WayIn = components['schemas']['WayIn'];

/** Timeout. The lookup is optional, as joining reports the same errors. */
const PATIENCE_MS = 3_000;

/** How to join the run with this PIN; `null` if the lookup failed. */
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
