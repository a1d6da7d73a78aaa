/** The rights of co-hosts. Each right includes the previous ones; the server decides. */
import type { components } from '@/protocol/http';

export type Right = components['schemas']['Members']['right'];
/** What can be shared: a quiz, a single run, or a team with its library. */
export type Kind = components['schemas']['Offer']['kind'];

const ORDER: readonly Right[] = ['view', 'control', 'edit', 'owner'];

/** The rights an invitation can grant. Ownership of a quiz is transferred separately. */
export const OFFERED: Record<Kind, readonly Right[]> = {
  quiz: ['view', 'control', 'edit'],
  run: ['view', 'control'],
  team: ['edit', 'owner'],
};

export function allows(held: Right | null | undefined, needed: Right): boolean {
  return held != null && ORDER.indexOf(held) >= ORDER.indexOf(needed);
}
