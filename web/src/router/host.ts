import type { RouteRecordRaw } from 'vue-router';

export const hostRoutes: RouteRecordRaw[] = [];
