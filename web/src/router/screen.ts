import type { RouteRecordRaw } from 'vue-router';

export const screenRoutes: RouteRecordRaw[] = [];
