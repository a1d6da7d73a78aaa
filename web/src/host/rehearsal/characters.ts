/** The bots of a rehearsal. */

export interface Character {
  name: string;
  /** How often it is right, 0 to 1. */
  skill: number;
  /** How soon it answers, 0 to 1. */
  speed: number;
}

/** No more than these ever join: a rehearsal takes next to nothing from a server. */
export const MOST_BOTS = 8;

/** Quick and right, slow and right, quick and wrong: so that the standings move. */
export const CAST: readonly Character[] = [
  { name: 'Bot Ada', skill: 0.9, speed: 0.6 },
  { name: 'Bot Ben', skill: 0.75, speed: 0.9 },
  { name: 'Bot Cleo', skill: 0.6, speed: 0.3 },
  { name: 'Bot Dario', skill: 0.5, speed: 1 },
  { name: 'Bot Emi', skill: 0.35, speed: 0.5 },
];

/** The most players of a rehearsal: all bots that can be, the host, and some guests. */
export const MOST_PLAYERS = MOST_BOTS + 4;
