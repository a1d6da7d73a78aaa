/** The application, put together. */
import { createApp } from 'vue';

import App from './App.vue';
import { loadAreas, takeTextsFrom, type LoadTexts } from './i18n';
import { router } from './router';
import { noteTyped } from './shell/typed';
import { installWorker } from './ui/install';

export async function start(texts: LoadTexts): Promise<void> {
  takeTextsFrom(texts);
  const app = createApp(App);
  window.quizrun?.app(app);
  app.use(router);
  // a first page that cannot be loaded is said by the application
  await Promise.all([loadAreas('common'), router.isReady().catch(() => undefined)]);
  noteTyped(document.getElementById('app'));
  app.mount('#app');
  installWorker();
}
