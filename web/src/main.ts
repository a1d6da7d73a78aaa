/** The application, put together. */
import { createApp } from 'vue';

import App from './App.vue';
import { loadAreas, takeTextsFrom, type LoadTexts } from './i18n';
import { router } from './router';
import { noteTyped } from './shell/typed';
import { catchFaults } from './ui/faults';
import { installWorker } from './ui/install';
import { keepErrorTexts } from './ui/toasts';

export async function start(texts: LoadTexts): Promise<void> {
  takeTextsFrom(texts);
  const app = createApp(App);
  catchFaults(app);
  window.quizrun?.app(app);
  app.use(router);
  // the application itself reports a first page that cannot be loaded
  await Promise.all([loadAreas('common'), router.isReady().catch(() => undefined)]);
  noteTyped(document.getElementById('app'));
  app.mount('#app');
  keepErrorTexts();
  installWorker();
}
