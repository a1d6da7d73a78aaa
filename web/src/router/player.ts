import type { RouteRecordRaw } from 'vue-router';

// The entry page is bundled with the application; the game is loaded after it.
import EntryPage from '@/player/EntryPage.vue';

export const playerRoutes: RouteRecordRaw[] = [
  { path: '/', name: 'entry', component: EntryPage, meta: { area: 'player' } },
  {
    path: '/join/:pin',
    name: 'join',
    component: EntryPage,
    props: true,
    meta: { area: 'player', title: 'player.join.title' },
  },
  {
    path: '/move',
    name: 'move',
    component: () => import('@/seat/MovePage.vue'),
    meta: { area: 'seat', title: 'seat.move.title' },
  },
  {
    path: '/play/:run',
    name: 'play',
    component: () => import('@/player/PlayPage.vue'),
    props: true,
    meta: { area: 'player', live: true },
  },
  {
    path: '/review',
    name: 'review',
    component: () => import('@/player/review/ReviewPage.vue'),
    meta: { area: 'review', title: 'review.page' },
  },
  {
    path: '/room-test',
    name: 'room-test',
    component: () => import('@/connection-test/ConnectionTestPage.vue'),
    meta: { area: 'connection-test', title: 'connection-test.title', live: true },
  },
];
