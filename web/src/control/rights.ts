/** What co-hosts may do. Each right includes the ones before it; the server decides. */
import type { components } from '@/protocol/http';

export type Right = components['schemas']['Members']['right'];
/** What something can be shared as: a quiz, a single run, or a team with its library. */
export type Kind = components['schemas']['Offer']['kind'];

const ORDER: readonly Right[] = ['view', 'control', 'edit', 'owner'];

/** The rights that an invitation to it can give. A quiz is handed over in another way. */
export const OFFERED: Record<Kind, readonly Right[]> = {
  quiz: ['view', 'control', 'edit'],
  run: ['view', 'control'],
  team: ['edit', 'owner'],
};

export function allows(held: Right | null | undefined, needed: Right): boolean {
  return held != null && ORDER.indexOf(held) >= ORDER.indexOf(needed);
}
