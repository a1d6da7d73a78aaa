/** Icons for messages, in a box of 24 × 24. */
export const MARKS = {
  check: 'm5 12.5 4.5 4.5L19 7.5',
  cross: 'm6 6 12 12M18 6 6 18',
  half: 'M5 12h14',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2',
  pause: 'M9 6v12M15 6v12',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  door: 'M6 21V3h12v18M4 21h16M14.5 12v.5',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.7 3.5 5.5',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20.5 20.5',
  flag: 'M6 21V4h12l-2.5 4L18 12H6',
  devices: 'M3 5h12v9H3zM1.5 18H11M17 9h4.5v11H17z',
  heart:
    'M12 20 4.5 12.5a4.7 4.7 0 0 1 0-6.7c2-1.9 5.4-1.7 7.5 1.2 2.1-2.9 5.5-3.1 7.5-1.2a4.7 4.7 0 0 1 0 6.7z',
} as const;

export type Mark = keyof typeof MARKS;
