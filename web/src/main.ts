/** The application, put together. */
import { createApp } from 'vue';

import App from './App.vue';
import { applyLocale, i18n, loadAreas } from './i18n';
import { router } from './router';

export async function start(): Promise<void> {
  applyLocale();
  const app = createApp(App);
  app.use(router).use(i18n);
  await Promise.all([loadAreas('common'), router.isReady()]);
  app.mount('#app');
}
