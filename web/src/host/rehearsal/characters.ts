/** The bots of a rehearsal. */

export interface Character {
  name: string;
  /** Probability of a right answer, 0 to 1. */
  skill: number;
  /** Relative speed, 0 to 1. */
  speed: number;
}

/** Maximum number of bots, to limit the load of a rehearsal. */
export const MOST_BOTS = 8;

/** Mixed speed and skill, so that the standings change. */
export const CAST: readonly Character[] = [
  { name: 'Bot Ada', skill: 0.9, speed: 0.6 },
  { name: 'Bot Ben', skill: 0.75, speed: 0.9 },
  { name: 'Bot Cleo', skill: 0.6, speed: 0.3 },
  { name: 'Bot Dario', skill: 0.5, speed: 1 },
  { name: 'Bot Emi', skill: 0.35, speed: 0.5 },
];

/** Player limit of a rehearsal: all bots, the host, and a few guests. */
export const MOST_PLAYERS = MOST_BOTS + 4;
